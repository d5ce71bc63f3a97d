import { beforeEach, describe, expect, test } from "vitest";
import { IntermissionError } from "../../core/errors.ts";
import { createFakeClock, type FakeClock } from "../../testing/fake-clock.ts";
import { keepLease, lease } from "./lease.ts";

let clock: FakeClock;
let renewals: number[];
let said: string[];
/** The store's answer to a renewal. */
let answer: () => Promise<unknown>;

function keep(): () => void {
  return keepLease({
    clock,
    renew: () => {
      renewals.push(clock.now());
      return answer();
    },
    onFailure: (error) => said.push(`failed: ${String(error)}`),
    onGone: (error) => said.push(`gone: ${error.message}`),
  });
}

beforeEach(() => {
  clock = createFakeClock({ start: 0 });
  renewals = [];
  said = [];
  answer = () => Promise.resolve();
});

describe("keepLease", () => {
  test("renews every five seconds, for hours, and holds no process", async () => {
    const stop = keep();
    await clock.advance(3_600_000);
    expect(renewals).toHaveLength(720);
    expect(renewals.slice(0, 2)).toEqual([5000, 10_000]);
    expect(clock.referenced).toBe(0);
    stop();
    await clock.advance(60_000);
    expect(renewals).toHaveLength(720);
    expect(clock.pending).toBe(0);
  });

  test("tries a failed renewal again long before the lease ends, and says so once", async () => {
    keep();
    await clock.advance(5000);
    answer = () => Promise.reject(new Error("connection refused"));
    await clock.advance(lease);
    expect(renewals.filter((at) => at > 5000).length).toBeGreaterThan(20);
    answer = () => Promise.resolve();
    await clock.advance(10_000);
    answer = () => Promise.reject(new Error("connection refused"));
    await clock.advance(10_000);
    expect(said).toEqual(["failed: Error: connection refused"]);
  });

  test("waits for a slow store, and sends no second renewal meanwhile", async () => {
    let succeed: ((value: unknown) => void) | undefined;
    answer = () => new Promise((resolve) => (succeed = resolve));
    keep();
    await clock.advance(20_000);
    expect(renewals).toEqual([5000]);
    succeed?.(undefined);
    await clock.advance(5000);
    expect(renewals).toEqual([5000, 25_000]);
  });

  test("ends when the deploy was taken over, and says so", async () => {
    answer = () =>
      Promise.reject(new IntermissionError("deploy-gone", { problem: "The deploy was taken over by bob" }));
    keep();
    await clock.advance(60_000);
    expect(renewals).toEqual([5000]);
    expect(said).toEqual(["gone: The deploy was taken over by bob."]);
    expect(clock.pending).toBe(0);
  });

  test("says nothing of a renewal that fails after the deploy was closed", async () => {
    let fail: ((error: Error) => void) | undefined;
    answer = () => new Promise((_, reject) => (fail = reject));
    const stop = keep();
    await clock.advance(5000);
    stop();
    fail?.(new IntermissionError("deploy-gone", { problem: "No deploy is open" }));
    await clock.advance(60_000);
    expect({ said, pending: clock.pending }).toEqual({ said: [], pending: 0 });
  });
});
