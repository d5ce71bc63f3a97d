import { describe, expect, test } from "vitest";
import type { Verdict } from "./decide.ts";
import { createEvents, type IntermissionEvent } from "./events.ts";
import type { GateOutcome, RequestFacts } from "./intermission.ts";
import { createFakeClock } from "../testing/fake-clock.ts";

const verdict: Verdict = { verdict: "maintenance", reason: "release-mismatch" };
const facts: RequestFacts = { status: 502 };

function setUp() {
  const clock = createFakeClock();
  const failures: unknown[] = [];
  const events = createEvents(clock, (error) => failures.push(error));
  const heard: IntermissionEvent[] = [];
  return { clock, failures, events, heard, hear: (event: IntermissionEvent) => void heard.push(event) };
}

describe("a verdict", () => {
  test("that is certain at once is told, and given back without a promise", () => {
    const { events, heard, hear } = setUp();
    events.listen(hear);
    expect(events.tellVerdicts(() => verdict)(facts)).toBe(verdict);
    expect(heard).toEqual([{ kind: "judged", ...verdict, status: 502, waited: 0 }]);
  });

  test("that was waited for is told with the time", async () => {
    const { clock, events, heard, hear } = setUp();
    events.listen(hear);
    const judge = () =>
      new Promise<Verdict>((settle) => {
        clock.after(40, () => {
          settle(verdict);
        });
      });
    const late = events.tellVerdicts(judge)(facts);
    await clock.advance(40);
    expect(await late).toBe(verdict);
    expect(heard).toEqual([{ kind: "judged", ...verdict, status: 502, waited: 40 }]);
  });

  test("on what is no server error is not told", () => {
    const { events, heard, hear } = setUp();
    events.listen(hear);
    expect(events.tellVerdicts(() => verdict)({ status: 404 })).toBe(verdict);
    expect(heard).toEqual([]);
  });

  test("nobody listens to is given on as it is, promise and all, and no clock is asked", () => {
    const { clock, failures } = setUp();
    const events = createEvents({ ...clock, now: () => expect.fail("asked") }, (error) =>
      failures.push(error),
    );
    const promise = Promise.resolve(verdict);
    expect(events.tellVerdicts(() => promise)(facts)).toBe(promise);
    expect(failures).toEqual([]);
  });
});

describe("a gate's outcome", () => {
  test.each<readonly [GateOutcome | undefined, readonly IntermissionEvent[]]>([
    ["closed", [{ kind: "closed" }]],
    ["admitted", []],
    [undefined, []],
  ])("%s is given on, and told if it is closed", async (outcome, told) => {
    const { events, heard, hear } = setUp();
    events.listen(hear);
    expect(events.tellClosed(() => outcome)({})).toBe(outcome);
    expect(await events.tellClosed(async () => outcome)({})).toBe(outcome);
    expect(heard).toEqual([...told, ...told]);
  });
});

describe("a listener", () => {
  test("that throws harms neither the others nor who tells", () => {
    const { events, failures, heard, hear } = setUp();
    const error = new Error("no disk left");
    events.listen(() => {
      throw error;
    });
    events.listen(hear);
    expect(events.tellVerdicts(() => verdict)(facts)).toBe(verdict);
    expect(heard).toHaveLength(1);
    expect(failures).toEqual([error]);
  });

  test("that is asynchronous leaves no rejection behind", async () => {
    const { events, failures } = setUp();
    const error = new Error("no network");
    const rejects = async (): Promise<void> => {
      throw error;
    };
    events.listen(rejects);
    events.emit({ kind: "closed" });
    await Promise.resolve();
    expect(failures).toEqual([error]);
  });

  test("that listens twice is told twice, and each is ended by itself", () => {
    const { events, heard, hear } = setUp();
    const first = events.listen(hear);
    const second = events.listen(hear);
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(2);
    first();
    first();
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(3);
    second();
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(3);
  });

  test("may stop, and start others, while it is told", () => {
    const { events, heard, hear } = setUp();
    const stop = events.listen(() => {
      stop();
      events.listen(hear);
    });
    events.emit({ kind: "closed" });
    expect(heard).toEqual([]);
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(1);
  });
});
