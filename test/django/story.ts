import { expect } from "vitest";
import { createShop } from "./shop.ts";
import type { Site } from "./site.ts";
import { startVisitors, type Seen } from "./visitors.ts";

/**
 * Plays the deploy from v1.0 to v1.1 while visitors come: the release is recorded, the column removed, and
 * one instance after another replaced. Fails if a visitor saw an error, or a page when none was due.
 *
 * @param wait Options of create-release.
 */
export async function playDeploy(site: Site, url: string, wait: readonly string[] = []): Promise<void> {
  const visitors = startVisitors(url);
  await visitors.haveSeen(30);

  await site.intermission("v1.1", "create-release", ...wait);
  const recordedAt = visitors.count;
  const next = createShop("v1.1", site.databaseUrl);
  await next.manage("migrate");
  await visitors.haveSeen(30);
  const migratedAt = visitors.count;
  for (const [index, old] of site.instances.entries()) {
    await old.stop();
    site.instances[index] = await next.serve(site.ports[index]!);
  }
  const replacedAt = visitors.count;
  await visitors.haveSeen(30);
  const seen = await visitors.stop();

  const times = { recordedAt, migratedAt, replacedAt };
  const found = (wanted: (seen: Seen) => boolean): object => ({
    ...times,
    found: seen.filter(wanted).slice(0, 3),
  });
  const nothing = { ...times, found: [] };
  expect(found(({ kind }) => kind === "raw" || kind === "changed")).toEqual(nothing);
  // Pages that don't need the column are never affected.
  expect(found(({ path, kind }) => path === "/" && kind === "page")).toEqual(nothing);
  const isPage = ({ kind }: Seen): boolean => kind === "page";
  expect(found((one) => isPage(one) && (one.number < recordedAt - 4 || one.number > replacedAt))).toEqual(
    nothing,
  );
  // The expected pages came, while all instances were old and while some were.
  const pages = seen.filter(isPage);
  expect(pages.filter(({ number }) => number <= migratedAt).length).toBeGreaterThan(5);
  expect(pages.filter(({ number }) => number > migratedAt)).not.toEqual([]);
}
