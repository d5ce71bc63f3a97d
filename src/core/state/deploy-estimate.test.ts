import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deployBackIn, longestDeploy, rememberDeployTime, shortestDeploy, noticeOf } from "./manual.ts";
import { decodeState, emptyState, encodeState, type State } from "./state.ts";
import { closeDeploy, openDeploy, renewDeploy } from "./deploys.ts";

const openedAt = 1_790_000_000_000;
const second = 1000;
const minute = 60 * second;
const lease = longestDeploy * 2;

const open = (state: State, takes?: number): State =>
  openDeploy(state, { release: "v1.1", id: "one", by: "ann@ci", lease, takes }, openedAt).state;
const after = (...times: readonly number[]): State => times.reduce(rememberDeployTime, emptyState);

const anyTime = fc.integer({ min: shortestDeploy, max: longestDeploy });

describe("an open deploy", () => {
  test.each([
    ["just begun", 0, 300],
    ["a moment later", 1, 300],
    ["a minute later", minute, 240],
    ["in its last minute", 4 * minute, 60],
    ["a moment after that", 4 * minute + 1, 60],
    ["near its end", 4 * minute + 45 * second, 20],
    ["at its last moment", 5 * minute - 1, 10],
    ["at its end", 5 * minute, undefined],
    ["past its end", 6 * minute, undefined],
  ])("that is to take 5 minutes is over, %s, in so many seconds", (_, passed, seconds) => {
    expect(deployBackIn(open(emptyState, 5 * minute), openedAt + passed)).toBe(seconds);
  });

  test("without a time of its own takes the median of the last, once there are three", () => {
    expect(deployBackIn(open(after(minute, minute)), openedAt)).toBeUndefined();
    expect(deployBackIn(open(after(9 * minute, minute, 2 * minute)), openedAt)).toBe(120);
    expect(deployBackIn(open(after(4 * minute, minute, 9 * minute, 2 * minute)), openedAt)).toBe(240);
    expect(deployBackIn(open(after(minute, minute, minute), 5 * minute), openedAt)).toBe(300);
  });

  test("that is lost says nothing, and neither does none", () => {
    expect(deployBackIn(open(emptyState, 5 * minute), openedAt + lease)).toBeUndefined();
    expect(deployBackIn(after(minute, minute, minute), openedAt)).toBeUndefined();
  });

  test("is never over sooner than it is expected, and at most a minute later", () => {
    fc.assert(
      fc.property(anyTime, fc.nat(longestDeploy), (takes, passed) => {
        const left = (takes - passed) / second;
        const told = deployBackIn(open(emptyState, takes), openedAt + passed);
        if (left <= 0) expect(told).toBeUndefined();
        else {
          expect(told).toBeGreaterThanOrEqual(left);
          expect(told).toBeLessThan(left + 60);
          expect((told ?? 0) % 10).toBe(0);
        }
      }),
    );
  });

  test("comes nearer as time passes, and a clock that is set back does not put it off", () => {
    fc.assert(
      fc.property(
        anyTime,
        fc.integer({ min: -minute, max: longestDeploy }),
        fc.nat(minute),
        (takes, at, more) => {
          const state = open(emptyState, takes);
          const first = deployBackIn(state, openedAt + at) ?? 0;
          expect(deployBackIn(state, openedAt + at + more) ?? 0).toBeLessThanOrEqual(first);
          expect(first).toBeLessThanOrEqual(Math.ceil(takes / minute) * 60);
        },
      ),
    );
  });

  test("has few pages: one for each minute, and six for the last", () => {
    const state = open(emptyState, 10 * minute);
    const told = new Set(
      Array.from({ length: 600 }, (_, index) => deployBackIn(state, openedAt + index * second)),
    );
    expect([...told].sort((one = 0, other = 0) => one - other)).toEqual([
      ...[10, 20, 30, 40, 50, 60],
      ...[120, 180, 240, 300, 360, 420, 480, 540, 600],
    ]);
  });

  test("takes by the last ten whatever stands among them, in whatever order", () => {
    fc.assert(
      fc.property(fc.array(anyTime, { minLength: 3, maxLength: 30 }), (times) => {
        const last = times.slice(-10);
        const state = after(...times);
        expect(state.deployTimes).toEqual(last);
        const told = deployBackIn(open(state), openedAt) ?? 0;
        expect(told * second).toBeGreaterThanOrEqual(Math.min(...last));
        expect((told - 60) * second).toBeLessThan(Math.max(...last));
        expect(deployBackIn(open(after(...last.toReversed())), openedAt)).toBe(told);
      }),
    );
  });

  test.each([0, 999, longestDeploy + 1, Number.NaN, -1])("can't be said to take %d ms", (takes) => {
    expect(() => open(emptyState, takes)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });

  test("keeps its time when it is renewed, and when it is stored", () => {
    const { state } = renewDeploy(open(after(1, 2, 3), minute), "one", lease, openedAt + 1);
    expect(state.deploy?.takes).toBe(minute);
    expect(decodeState(encodeState(state))).toEqual(state);
    expect(() => decodeState('{"releases":[],"deployTimes":[1,"2"]}')).toThrow(
      expect.objectContaining({ code: "state-unreadable" }),
    );
  });
});

describe("closing a deploy", () => {
  test("remembers how long it took, if it succeeded and was not lost", () => {
    const close = (succeeded: boolean, now: number) =>
      closeDeploy(open(after(7)), { id: "one", succeeded }, now).state.deployTimes;
    expect(close(true, openedAt + minute)).toEqual([7, minute]);
    expect(close(false, openedAt + minute)).toEqual([7]);
    expect(close(true, openedAt + lease)).toEqual([7]);
  });
});

describe("what visitors are told", () => {
  const deploying = open(emptyState, 5 * minute);

  test("in a deploy is when it ends", () => {
    expect(noticeOf(deploying, "deploy", openedAt)).toEqual({ backIn: 300 });
    expect(noticeOf(deploying, "deploy", openedAt + 5 * minute)).toEqual({});
  });

  test("in manual mode is what the operator said, else when the open deploy ends", () => {
    const manual: State = { ...deploying, mode: "closed", manual: { message: "Soon" } };
    expect(noticeOf(manual, "closed", openedAt)).toEqual({ message: "Soon", backIn: 300 });
    const timed: State = { ...manual, manual: { backAt: openedAt + 7 * second } };
    expect(noticeOf(timed, "closed", openedAt)).toEqual({ backIn: 7 });
    // An error that a deploy caused is not what the operator spoke of.
    expect(noticeOf(timed, "deploy", openedAt)).toEqual({ backIn: 300 });
  });
});
