import { describe, expect, test } from "vitest";
import { decodeState, emptyState, encodeState, type State, type Manual } from "./state.ts";
import {
  modeAt,
  switchOff,
  switchOn,
  type SwitchOn,
  noticeOf,
  deployBackIn,
  longestDeploy,
  rememberDeployTime,
  shortestDeploy,
} from "./manual.ts";
import fc from "fast-check";
import { closeDeploy, openDeploy, renewDeploy } from "./deploys.ts";

const now = 1_790_000_000_000;
const who = { by: "ada@desk", key: "k" };
const on = (options: Partial<SwitchOn>, state: State = emptyState): State =>
  switchOn(state, { mode: "closed", ...options }, who, now).state;

describe("switchOn", () => {
  test("keeps what was said, who said it and when", () => {
    const state = on({
      message: "  Back soon ",
      backAt: { fromNow: 1000 },
      from: now - 5,
      until: { fromNow: 2000 },
      exemptPaths: [" /health "],
      exemptAddresses: ["10.0.0.0/8"],
    });
    expect(state).toEqual({
      releases: [],
      mode: "closed",
      manual: {
        message: "Back soon",
        backAt: now + 1000,
        from: now - 5,
        until: now + 2000,
        exemptPaths: ["/health"],
        exemptAddresses: ["10.0.0.0/8"],
        at: now,
        ...who,
      },
    });
    expect(decodeState(encodeState(state))).toEqual(state);
  });

  test("takes the place of all that was set before", () => {
    const state = on({ mode: "errors" }, on({ message: "Before", until: { fromNow: 1 } }));
    expect(state).toMatchObject({ mode: "errors", manual: { at: now, ...who } });
    expect(state.manual).not.toHaveProperty("message");
    expect(state.manual).not.toHaveProperty("until");
  });

  test.each<readonly [string, Partial<SwitchOn>]>([
    ["a message of 501 characters", { message: "🚀".repeat(501) }],
    ["a message on two lines", { message: "a\nb" }],
    ["a message with an escape", { message: "\u001B[31m" }],
    ["17 paths", { exemptPaths: Array<string>(17).fill("/a") }],
    ["a path without a slash", { exemptPaths: ["health"] }],
    ["17 addresses", { exemptAddresses: Array<string>(17).fill("::1") }],
    ["an address that is none", { exemptAddresses: ["localhost"] }],
    ["an end before the beginning", { from: { fromNow: 10 }, until: { fromNow: 10 } }],
    ["an end in the past", { until: now }],
    ["a return in the past", { backAt: now }],
    ["a time that is none", { from: Number.NaN }],
    ["a time in a thousand years", { until: { fromNow: 1000 * 366 * 86_400_000 } }],
  ])("refuses %s", (_, options) => {
    expect(() => on(options)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });

  test("takes as much as it says it does", () => {
    const state = on({
      message: "🚀".repeat(500),
      exemptPaths: Array<string>(16).fill("/a"),
      exemptAddresses: Array<string>(16).fill("::1"),
    });
    expect(state.manual?.exemptPaths).toHaveLength(16);
  });
});

test("switchOff leaves nothing of it, and what is off alone", () => {
  const off = switchOff(on({ message: "Closed" }));
  expect(off).toEqual(emptyState);
  expect(switchOff(off)).toBe(off);
});

test("the mode holds from its beginning, and until its end no longer", () => {
  const state = on({ from: now + 100, until: now + 200 });
  const modes = [99, 100, 199, 200].map((after) => modeAt(state, now + after));
  expect(modes).toEqual(["auto", "closed", "closed", "auto"]);
  expect(modeAt(on({}), 0)).toBe("closed");
});

const closed = (manual: Manual): State => ({ ...emptyState, mode: "closed", manual });

test.each<readonly [string, Manual, ReturnType<typeof noticeOf>]>([
  ["nothing", {}, { message: undefined, backIn: undefined }],
  ["a message", { message: "Soon" }, { message: "Soon", backIn: undefined }],
  ["a return, in whole seconds", { backAt: now + 1001 }, { message: undefined, backIn: 2 }],
  ["an end", { until: now + 5000 }, { message: undefined, backIn: 5 }],
  ["a return before the end", { backAt: now + 1000, until: now + 5000 }, { message: undefined, backIn: 1 }],
  ["a return that is overdue", { backAt: now }, { message: undefined, backIn: undefined }],
])("manual mode with %s has that to say", (_, manual, notice) => {
  expect(noticeOf(closed(manual), "closed", now)).toEqual(notice);
  expect(noticeOf(closed(manual), "manual", now)).toEqual(notice);
});

test("the end of mode errors is no return: most of the site is there", () => {
  const state: State = { ...closed({ until: now + 5000 }), mode: "errors" };
  expect(noticeOf(state, "manual", now)).toEqual({ message: undefined, backIn: undefined });
});

test("nothing of it is said of a deploy, nor out of its time", () => {
  expect(noticeOf(closed({ message: "Soon" }), "deploy", now)).toEqual({});
  expect(noticeOf(closed({ message: "Soon", until: now }), "manual", now)).toEqual({});
  expect(noticeOf(closed({ message: "Soon", from: now + 1 }), "manual", now)).toEqual({});
  expect(noticeOf(emptyState, "manual", now)).toEqual({});
  expect(noticeOf(undefined, "manual", now)).toEqual({});
});

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
    // The operator's message was not about an error that a deploy caused.
    expect(noticeOf(timed, "deploy", openedAt)).toEqual({ backIn: 300 });
  });
});
