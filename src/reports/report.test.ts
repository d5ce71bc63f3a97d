import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MaskedError } from "../core/settings/options.ts";
import { createCounts } from "./counts.ts";
import {
  decodeReport,
  encodeReport,
  isOther,
  maximumKinds,
  maximumSize,
  type InstanceReport,
  type MaskedKind,
} from "./report.ts";
import { sumReports } from "./sum.ts";
import { version } from "./version.ts";

const empty: InstanceReport = {
  name: "web-1",
  host: "web",
  pid: 1,
  release: "v1",
  version: "0.1.0",
  startedAt: 1000,
  stopped: false,
  masked: [],
};

const text = fc.option(fc.string({ maxLength: 100, unit: "grapheme" }), { nil: null });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const kind: fc.Arbitrary<MaskedKind> = fc.record({
  release: fc.option(fc.constantFrom("v1", "v2", "v3"), { nil: null }),
  status: fc.option(fc.integer({ min: 500, max: 599 }), { nil: null }),
  route: text,
  error: text,
  code: text,
  count: fc.integer({ min: 1, max: 1_000_000 }),
  firstAt: time,
  lastAt: time,
});

function sumOf(kinds: readonly MaskedKind[]): number {
  return kinds.reduce((sum, { count }) => sum + count, 0);
}

describe("a report", () => {
  test("comes back as it was", () => {
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 20 }), (masked) => {
        const read = decodeReport(encodeReport({ ...empty, masked }));
        expect(read).toMatchObject({ ...empty, masked: expect.any(Array) });
        expect(new Set(read?.masked)).toEqual(new Set(masked));
      }),
    );
  });

  test("is never larger than 16 KiB, and loses no error of any release for that", () => {
    let folded = 0;
    fc.assert(
      fc.property(fc.array(kind, { minLength: 60, maxLength: 130, size: "max" }), (masked) => {
        const encoded = encodeReport({ ...empty, masked });
        expect(new TextEncoder().encode(encoded).length).toBeLessThanOrEqual(maximumSize);
        const read = decodeReport(encoded)?.masked ?? [];
        if (read.length < masked.length) folded++;
        for (const release of [null, "v1", "v2", "v3"]) {
          const of = (kinds: readonly MaskedKind[]): number =>
            sumOf(kinds.filter((one) => one.release === release));
          expect(of(read)).toBe(of(masked));
        }
        // Kinds kept in full are at least as frequent as merged ones.
        const whole = read.filter((one) => !isOther(one));
        const named = masked.filter((one) => !isOther(one)).map(({ count }) => count);
        const rarest = Math.min(...whole.map(({ count }) => count));
        expect(named.filter((count) => count > rarest).length).toBeLessThanOrEqual(whole.length);
      }),
      { numRuns: 30 },
    );
    expect(folded).toBeGreaterThan(0);
  });

  test("that is none is undefined, and never an exception", () => {
    for (const value of ["", "null", "[]", "{}", '{"version":1,"startedAt":1}', '{"version":"1"}'])
      expect(decodeReport(value)).toBeUndefined();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (value) => {
        decodeReport(value);
      }),
    );
  });

  test("of a newer version is read as far as it is understood", () => {
    const read = decodeReport(
      JSON.stringify({ ...empty, mood: "fine", masked: [{ count: 2 }, { count: 1, firstAt: 1, lastAt: 2 }] }),
    );
    expect(read?.masked).toEqual([
      { release: null, status: null, route: null, error: null, code: null, count: 1, firstAt: 1, lastAt: 2 },
    ]);
  });
});

describe("counts", () => {
  const masked = (path: string, currentRelease = "v2"): MaskedError => ({
    ...{ status: 500, method: "GET", path, reason: "manual", request: undefined },
    ...{ instanceRelease: "v1", currentRelease },
  });

  test("of one kind go up, and have the first and the last time", () => {
    const counts = createCounts();
    for (const at of [10, 20, 30]) counts.add(masked("/orders/1"), at);
    expect(counts.kinds()).toEqual([
      {
        ...{ release: "v2", status: 500, route: "/orders", error: null, code: null },
        ...{ count: 3, firstAt: 10, lastAt: 30 },
      },
    ]);
  });

  test("are of a hundred kinds at most, and lose nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 300 }), fc.constantFrom("v2", "v3")), { maxLength: 600 }),
        (events) => {
          const counts = createCounts();
          const word = (number: number): string =>
            `/${number.toString(26).replace(/\d/g, (digit) => "ABCDEFGHIJ"[Number(digit)] ?? "")}`;
          for (const [number, release] of events) counts.add(masked(word(number), release), 1);
          const kinds = counts.kinds();
          expect(kinds.filter((one) => !isOther(one)).length).toBeLessThan(maximumKinds);
          expect(counts.total).toBe(events.length);
          for (const release of ["v2", "v3"]) {
            expect(sumReports([{ masked: kinds }], { release }).masked).toBe(
              events.filter(([, of]) => of === release).length,
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test("are bounded over any number of releases too", () => {
    const counts = createCounts();
    for (let release = 0; release < 1000; release++) counts.add(masked("/", `v${String(release)}`), 1);
    expect(counts.kinds().length).toBeLessThanOrEqual(maximumKinds + 21);
    expect(sumOf(counts.kinds())).toBe(1000);
  });
});

describe("a sum", () => {
  test("has what all reports have, whatever their order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ masked: fc.array(kind, { maxLength: 10 }) }), { maxLength: 10 }),
        (reports) => {
          const all = reports.flatMap(({ masked }) => masked);
          const sum = sumReports(reports);
          expect(sum.masked).toBe(sumOf(all));
          expect(sumOf(sum.kinds)).toBe(sumOf(all));
          expect(sum.instances).toBe(reports.filter(({ masked }) => masked.length > 0).length);
          expect(sum.firstAt).toBe(all.length === 0 ? null : Math.min(...all.map(({ firstAt }) => firstAt)));
          expect(sumReports(reports.toReversed()).masked).toBe(sum.masked);
          const releases = [null, "v1", "v2", "v3"].map((release) =>
            sumOf(sum.kinds.filter((one) => one.release === release)),
          );
          expect(releases.reduce((a, b) => a + b)).toBe(sum.masked);
        },
      ),
    );
  });

  test("keeps apart what was only observed", () => {
    const of = (count: number): MaskedKind => ({
      ...{ release: "v2", status: 500, route: "/", error: null, code: null },
      ...{ count, firstAt: 0, lastAt: 0 },
    });
    const reports = [{ masked: [of(3)] }, { masked: [of(4)], observing: true as const }];
    expect(sumReports(reports).masked).toBe(3);
    expect(sumReports(reports, { observed: true }).masked).toBe(4);
    expect(decodeReport(encodeReport({ ...empty, observing: true }))?.observing).toBe(true);
    expect(decodeReport(encodeReport(empty))).toEqual(empty);
  });

  test("can be of what was met since a time", () => {
    const of = (lastAt: number): MaskedKind => ({
      ...{ release: "v2", status: 500, route: `/${String(lastAt)}`, error: null, code: null },
      ...{ count: 1, firstAt: 0, lastAt },
    });
    expect(sumReports([{ masked: [of(5), of(10), of(15)] }], { since: 10 }).masked).toBe(2);
  });
});

test("the version that reports name is the package's", () => {
  const manifest: unknown = JSON.parse(
    readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"),
  );
  expect((manifest as { readonly version: string }).version).toBe(version);
});
