import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import type { Intermission } from "../../src/core/intermission.ts";
import { visit } from "../support/http.ts";

/** A store in a file, and who writes to it. */
export interface Deploy {
  /** The environment of an instance on v1.0. */
  readonly environment: Readonly<Record<string, string>>;
  readonly intermission: Intermission;
  end(): Promise<void>;
}

export async function beginDeploy(): Promise<Deploy> {
  const folder = await mkdtemp(join(tmpdir(), "intermission-built-store-"));
  const store = `sqlite:${join(folder, "state.db")}`;
  const intermission = createIntermission({ store, release: "v1.0" }, { environment: {}, watching: false });
  return {
    environment: { MAINTENANCE_STORE: store, MAINTENANCE_PAGE_RELEASE: "v1.0" },
    intermission,
    async end() {
      await intermission.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Paths {
  /** Answered with 200. */
  readonly successes: readonly string[];
  /** Answered with 500. */
  readonly errors: readonly string[];
  /** Answered with a status from 300 to 499. */
  readonly refusals: readonly string[];
}

export const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

/** Takes an instance on v1.0 through a deploy and its rollback, and requests all paths at each step. */
export async function expectDeploy(url: string, { intermission }: Deploy, paths: Paths): Promise<void> {
  await expectAnswers(url, paths, 500, "nothing is recorded");
  await intermission.createRelease("v1.0");
  await expectAnswers(url, paths, 500, "this release is current");
  await intermission.createRelease("v1.1");
  await expectAnswers(url, paths, 503, "another release is current");
  await intermission.rollback("v1.0");
  // The page uses what is known and revalidates in the background.
  const [path = "/"] = paths.errors;
  for (let turn = 0; turn < 200; turn++) {
    if ((await visit(`${url}${path}`, { headers: browser })).status === 500) break;
  }
  await expectAnswers(url, paths, 500, "the release is rolled back");
}

/** Resolves when an instance knows that the site is closed. */
export async function closeSite(url: string, { intermission }: Deploy): Promise<void> {
  await intermission.switchOn({ mode: "closed", wait: false });
  await expect.poll(async () => (await visit(url)).status, { timeout: 20_000, interval: 100 }).toBe(503);
}

async function expectAnswers(url: string, paths: Paths, failed: number, when: string): Promise<void> {
  for (const path of paths.successes) {
    const { status, headers } = await visit(`${url}${path}`, { headers: browser });
    expect({ when, path, status, page: headers["x-maintenance"] }).toEqual({ when, path, status: 200 });
  }
  for (const path of paths.refusals) {
    const { status, headers } = await visit(`${url}${path}`, { headers: browser });
    expect({ when, path, page: headers["x-maintenance"] }).toEqual({ when, path });
    expect(Math.floor(status / 100)).toBeGreaterThanOrEqual(3);
    expect(status).toBeLessThan(500);
  }
  for (const path of paths.errors) {
    const { status, headers, body } = await visit(`${url}${path}`, { headers: browser });
    expect({ when, path, status }).toEqual({ when, path, status: failed });
    expect(headers["retry-after"] !== undefined).toBe(failed === 503);
    expect(body.includes("right back")).toBe(failed === 503);
  }
}
