import { describe, expect, test } from "vitest";
import { allowedKinds, type Change, type Fault, type Visit } from "./model.ts";

const changes: readonly Change[] = [
  { release: "v1", begun: 0, returned: 0 },
  { release: "v2", begun: 10_000, returned: 11_500 },
];

/** What an instance on v1 may answer to an error that begins at this time. */
function allowed(begun: number, faults: readonly Fault[] = [], more: Partial<Visit> = {}): string {
  const visit: Visit = { release: "v1", path: "/bug", kind: "raw", begun, ended: begun + 5, ...more };
  return [...allowedKinds({ changes, faults }, visit)].sort().join(" or ");
}

describe("the model of a deploy", () => {
  test.each([
    [9_990, "raw", "before the command begins"],
    [10_000, "page or raw", "while it runs"],
    [11_499, "page or raw", "just before it returns"],
    [11_501, "page", "as soon as it has returned: zero raw errors, not few"],
    [99_000, "page", "ever after"],
  ])("an old instance at %i shows: %s (%s)", (begun, kinds) => {
    expect(allowed(begun)).toBe(kinds);
  });

  test.each([
    [9_990, "page", "before the command begins"],
    [11_400, "page or raw", "just before it returns"],
    [11_700, "page or raw", "while the first errors notice"],
    [12_100, "raw", "from then on"],
  ])("a new instance at %i shows: %s (%s)", (begun, kinds) => {
    expect(allowed(begun, [], { release: "v2" })).toBe(kinds);
  });

  test("a success is a success at every moment", () => {
    expect(allowed(10_500, [{ begun: 0, ended: 99_000 }], { path: "/working" })).toBe("success");
  });
});

describe("the model of a fault", () => {
  test("what was known before it may decide until the store has recovered", () => {
    const faults = [{ begun: 9_000, ended: 20_000 }];
    expect(allowed(21_900, faults)).toBe("page or raw");
    expect(allowed(23_100, faults)).toBe("page");
  });

  test("one that follows before the store has recovered counts with the one before", () => {
    const faults = [
      { begun: 9_000, ended: 20_000 },
      { begun: 21_000, ended: 25_000 },
    ];
    expect(allowed(26_000, faults)).toBe("page or raw");
    expect(allowed(28_100, faults)).toBe("page");
  });

  test("one that is over before the deploy excuses nothing", () => {
    expect(allowed(11_600, [{ begun: 1_000, ended: 2_000 }])).toBe("page");
  });

  test("an error that waited for its full time in vain may be regular for a moment longer", () => {
    expect(allowed(11_600, [], { ended: 11_860 })).toBe("page or raw");
    expect(allowed(12_100, [], { ended: 12_360 })).toBe("page");
  });
});
