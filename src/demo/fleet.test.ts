import { expect, test } from "vitest";
import { createIntermission } from "../engine/create.ts";
import { createFleet } from "./fleet.ts";

test("a fleet plays one deploy at a time, replaces twelve instances in it, and plays the next when asked again", async () => {
  const warnings: string[] = [];
  const fleet = createFleet({ pace: 5, warn: (line) => warnings.push(line) });
  const asking = createIntermission(
    { store: fleet.store, release: "v1.0", report: false, refreshEvery: 0 },
    { environment: {} },
  );
  const releases = async (): Promise<readonly string[]> => (await asking.releases()).map(({ id }) => id);
  const deeds = async (): Promise<readonly string[]> => (await asking.history()).map(({ what }) => what);

  for (const expected of [
    ["v1.1", "v1.0"],
    ["v1.2", "v1.1", "v1.0"],
  ]) {
    fleet.play();
    fleet.play();
    await expect.poll(releases, { timeout: 20_000 }).toEqual(expected);
    await expect.poll(deeds, { timeout: 20_000 }).toContain(`deploy ${expected[0] ?? ""} succeeded`);
  }
  await asking.close();
  await fleet.close();
  fleet.play();
  expect(warnings).toEqual([]);
});

test("a fleet that is closed in the middle of its deploy says nothing and leaves no timer", async () => {
  const warnings: string[] = [];
  const fleet = createFleet({ pace: 60_000, warn: (line) => warnings.push(line) });
  fleet.play();
  await fleet.close();
  expect(warnings).toEqual([]);
});
