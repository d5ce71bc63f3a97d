import fc from "fast-check";
import { expect, test } from "vitest";
import { createSteps, decodeSteps, maximumSteps, stepLength, sumSteps } from "./steps.ts";

const start = 1_800_000_000_000;

test("events are counted by the step they happen in, and read back as they were", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3_000_000), { maxLength: 200 }), (offsets) => {
      const times = offsets.toSorted((a, b) => a - b).map((offset) => start + offset);
      const steps = createSteps();
      const expected = new Map<number, number>();
      for (const at of times) {
        steps.add(at);
        const begun = at - (at % stepLength);
        expected.set(begun, (expected.get(begun) ?? 0) + 1);
      }
      const read = decodeSteps(JSON.parse(JSON.stringify(steps.encode())));
      expect(read).toEqual([...expected].map(([at, count]) => ({ at, count })));
    }),
  );
});

test("the newest are kept, in less than 3 kB, however long it goes on", () => {
  const steps = createSteps();
  for (let step = 0; step < 10_000; step++)
    for (let event = 0; event < 12; event++) steps.add(start + step * stepLength);
  const read = decodeSteps(steps.encode());
  expect(read).toHaveLength(maximumSteps);
  expect(read.at(-1)).toEqual({ at: start + 9999 * stepLength, count: 12 });
  expect(JSON.stringify(steps.encode()).length).toBeLessThan(3000);
});

test("a clock that is set back loses no event", () => {
  const steps = createSteps();
  steps.add(start + stepLength);
  steps.add(start);
  expect(decodeSteps(steps.encode())).toEqual([{ at: start + stepLength, count: 2 }]);
});

test("anything may stand in their place", () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.array(fc.oneof(fc.double(), fc.maxSafeInteger()))), (value) => {
      for (const { at, count } of decodeSteps(value)) {
        expect(Number.isNaN(new Date(at).getTime())).toBe(false);
        expect(count).toBeGreaterThan(0);
      }
    }),
  );
});

test("many instances add up", () => {
  const one = [
    { at: 0, count: 1 },
    { at: stepLength, count: 2 },
  ];
  expect(sumSteps([one, [{ at: stepLength, count: 3 }], []])).toEqual([
    { at: 0, count: 1 },
    { at: stepLength, count: 5 },
  ]);
});
