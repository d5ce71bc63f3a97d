import { expect, test } from "vitest";
import { emptyState } from "../core/state/state.ts";
import type { Warning } from "../core/settings/options.ts";
import { createOldReleaseWarner } from "./old-release.ts";

const minute = 60_000;

test("a release that still answers half an hour after the next is warned of, once", () => {
  const warnings: Warning[] = [];
  const releases = [
    { id: "v1.0", at: 0 },
    { id: "v1.1", at: minute },
  ];
  const intermission = {
    known: { state: { ...emptyState, releases }, now: 31 * minute - 1 },
    warn: (warning: Warning) => warnings.push(warning),
  };
  const heard = createOldReleaseWarner(intermission);
  heard("v1.0", "10.0.0.7:8000");
  heard("v1.1", "10.0.0.8:8000");
  expect(warnings).toEqual([]);
  intermission.known = { ...intermission.known, now: 31 * minute };
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
