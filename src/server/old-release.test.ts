import { expect, test } from "vitest";
import { resolveSettings } from "../core/settings/resolve.ts";
import { emptyState } from "../core/state/state.ts";
import type { Warning } from "../core/settings/options.ts";
import { createOldReleases } from "./old-release.ts";

const minute = 60_000;

/** v1.1 became current a minute after v1.0. The time can be set. */
function listening(environment: Readonly<Record<string, string>> = {}) {
  const warnings: Warning[] = [];
  const releases = [
    { id: "v1.0", at: 0 },
    { id: "v1.1", at: minute },
  ];
  const intermission = {
    known: { state: { ...emptyState, releases }, now: 31 * minute - 1 },
    settings: resolveSettings({}, environment),
    warn: (warning: Warning) => warnings.push(warning),
  };
  const at = (now: number): void => {
    intermission.known = { ...intermission.known, now };
  };
  const releasesHeard = createOldReleases(intermission);
  return { heard: releasesHeard.heard, age: () => releasesHeard.mismatchFor, warnings, at };
}

test("a release that still answers half an hour after the next is warned of, once", () => {
  const { heard, warnings, at } = listening();
  heard("v1.0", "10.0.0.7:8000");
  heard("v1.1", "10.0.0.8:8000");
  expect(warnings).toEqual([]);
  at(31 * minute);
  heard("v1.1", "10.0.0.8:8000");
  for (const address of ["10.0.0.7:8000", "10.0.0.7:8000", undefined]) heard("v1.0", address);
  expect(warnings).toMatchObject([
    {
      code: "old-release-answers",
      message: expect.stringMatching(/^10\.0\.0\.7:8000 .+"v1.0".+ 30 minutes/) as string,
    },
  ]);
  expect(warnings[0]?.message).toMatch(/MAINTENANCE_PAGE_RELEASE_FILE.+intermission rollback/);
});

test("MAINTENANCE_WARN_AFTER sets the time, or turns it off", () => {
  const patient = listening({ MAINTENANCE_WARN_AFTER: "2h" });
  patient.at(120 * minute);
  patient.heard("v1.0", undefined);
  expect(patient.warnings).toEqual([]);
  patient.at(121 * minute);
  patient.heard("v1.0", undefined);
  expect(patient.warnings).toHaveLength(1);

  const silent = listening({ MAINTENANCE_WARN_AFTER: "off" });
  silent.at(1e9);
  silent.heard("v1.0", undefined);
  expect(silent.warnings).toEqual([]);
});

test("a release that was never recorded counts from when it was first heard", () => {
  const { heard, warnings, at } = listening();
  at(500 * minute);
  heard("v2.0", undefined);
  at(529 * minute);
  heard("v2.0", undefined);
  expect(warnings).toEqual([]);
  at(530 * minute);
  heard("v2.0", undefined);
  expect(warnings).toHaveLength(1);
});

test("the mismatch is as old as the longest of those heard in the last two minutes", () => {
  const { heard, age, at } = listening();
  expect(age()).toBeUndefined();
  at(10 * minute);
  heard("v1.0", undefined);
  heard("v1.1", undefined);
  expect(age()).toBe(9 * minute);
  at(12 * minute);
  heard("v1.1", undefined);
  expect(age()).toBe(0);
  at(14 * minute);
  expect(age()).toBeUndefined();
});
