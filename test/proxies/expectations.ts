import { expect } from "vitest";
import type { Answer } from "../support/http.ts";
import type { Site } from "./site.ts";

/** How the app can be unreachable: the connection is refused, cut, or never answered. */
export type Breakdown = "refused" | "killed" | "silent";

/** As the app sent it. */
export async function expectOriginal(site: Site, path: string, status: number): Promise<void> {
  const answer = await site.visit(path);
  expect({ status: answer.status, headers: answer.headers }).toMatchObject({
    status,
    headers: { "x-of-the-app": "yes" },
  });
  expect(JSON.parse(answer.body)).toMatchObject({ app: new URL(path, "http://app").pathname });
}

/** Not the page: the app's error, the proxy's own, or a plain one of serve. */
export function expectRegular({ status, headers }: Answer): void {
  expect(status).toBeGreaterThanOrEqual(500);
  expect([undefined, "regular"]).toContain(headers["x-maintenance"]);
  expect(headers["retry-after"]).not.toBe("60");
}

export function expectPage(answer: Answer): void {
  expectStoredPage(answer);
  expect(answer.headers["etag"]).toBeUndefined();
}

/** The page, from serve or as published. */
export function expectStoredPage({ status, headers, body }: Answer): void {
  expect({ status, headers }).toMatchObject({
    status: 503,
    headers: { "x-maintenance": "1", "retry-after": "60" },
  });
  expect(headers["cache-control"]).toContain("no-store");
  expect(headers["content-type"]).toMatch(/^text\/html/);
  expect(body).toMatch(/^<!doctype html>/i);
}

/** What a visitor gets meanwhile. */
export async function breakDown(
  { app, visit }: Site,
  breakdown: Breakdown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  if (breakdown !== "refused") return await visit(`/${breakdown}`, { headers });
  await app.refuse();
  try {
    return await visit("/refused", { headers });
  } finally {
    await app.accept();
    // Some proxies don't retry at once.
    await expect.poll(async () => (await visit("/ok")).status).toBe(200);
  }
}
