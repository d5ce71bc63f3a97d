import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actions, firstStory, isAction, refusal, rolledBack, steps, type Story } from "./story.ts";

const stories: fc.Arbitrary<Story> = fc.record({
  stepsDone: fc.integer({ min: 0, max: steps.length }),
  oldRelease: fc.constant("v1.0"),
  newRelease: fc.integer({ min: 1, max: 99 }).map((minor) => `v1.${String(minor)}`),
  manual: fc.boolean(),
  storeStopped: fc.boolean(),
  traffic: fc.boolean(),
});

describe("what makes sense at the panel", () => {
  test("is one step at any time, and none after the last", () => {
    fc.assert(
      fc.property(stories, (story) => {
        const open = steps.filter((step) => refusal(story, step) === undefined);
        expect(open).toEqual(steps.slice(story.stepsDone, story.stepsDone + 1));
      }),
    );
  });

  test("is one of each pair of switches", () => {
    fc.assert(
      fc.property(stories, (story) => {
        for (const [on, off] of [
          ["manual-on", "manual-off"],
          ["stop-store", "start-store"],
          ["traffic-on", "traffic-off"],
        ] as const) {
          expect(refusal(story, on) === undefined).toBe(refusal(story, off) !== undefined);
        }
      }),
    );
  });

  test("is to start over, always", () => {
    fc.assert(fc.property(stories, (story) => refusal(story, "start-over") === undefined));
  });

  test("names the step that comes first", () => {
    expect(refusal(firstStory, "replace")).toBe("First: Make the new machine.");
    expect(refusal({ ...firstStory, stepsDone: 4 }, "migrate")).toBe("Done.");
  });

  test.each([
    [0, false, false],
    [1, false, false],
    [2, false, true],
    [4, false, true],
    [4, true, false],
  ])("after %i steps, with the store locked: %s, to roll back: %s", (stepsDone, storeStopped, expected) => {
    expect(refusal({ ...firstStory, stepsDone, storeStopped }, "roll-back") === undefined).toBe(expected);
  });
});

test("after a rollback the deploy begins anew, with a release that no store has seen", () => {
  const story = rolledBack({ ...firstStory, stepsDone: 3, manual: true });
  expect(story).toEqual({ ...firstStory, newRelease: "v1.2", manual: true });
  expect(rolledBack({ ...story, newRelease: "v1.9" }).newRelease).toBe("v1.10");
});

test("an action is one of the list, and nothing that every object has", () => {
  expect(actions.every(isAction)).toBe(true);
  expect(isAction("constructor")).toBe(false);
});
