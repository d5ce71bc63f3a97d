import { describe, expect, test } from "vitest";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createWaitingRoom } from "./waiting-room.ts";

function setUp(maximum = 10): {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly room: ReturnType<typeof createWaitingRoom>;
  readonly called: string[];
  readonly looks: () => number;
  open(): void;
} {
  const clock = createFakeClock();
  let reachable = false;
  let looks = 0;
  const room = createWaitingRoom(maximum, clock, async () => {
    looks += 1;
    return reachable;
  });
  return { clock, room, called: [], looks: () => looks, open: () => (reachable = true) };
}

describe("the waiting room", () => {
  test("calls everybody, in order, when an upstream can be reached", async () => {
    const { clock, room, called, looks, open } = setUp();
    for (const name of ["a", "b", "c"]) {
      room.enter(clock.now() + 5000, (reachable) => called.push(`${name} ${String(reachable)}`));
    }
    await clock.advance(1000);
    expect([called, looks()]).toEqual([[], 10]);
    open();
    await clock.advance(100);
    expect(called).toEqual(["a true", "b true", "c true"]);
    expect(clock.pending).toBe(0);
  });

  test("sends away whose time is over, and looks no longer than somebody waits", async () => {
    const { clock, room, called } = setUp();
    room.enter(clock.now() + 50, () => called.push("short"));
    room.enter(clock.now() + 500, (reachable) => called.push(`long ${String(reachable)}`));
    await clock.advance(100);
    expect([called, room.size]).toEqual([["short"], 1]);
    await clock.advance(10_000);
    expect([called, room.size, clock.pending]).toEqual([["short", "long false"], 0, 0]);
  });

  test("forgets who leaves", async () => {
    const { clock, room, called, open } = setUp(1);
    const leave = room.enter(clock.now() + 5000, () => called.push("gone"));
    expect(room.enter(clock.now() + 5000, () => called.push("no room"))).toBeUndefined();
    leave?.();
    open();
    await clock.advance(10_000);
    expect([called, room.size]).toEqual([[], 0]);
  });

  test("lets nobody in whose time is over already, or when it is closed", async () => {
    const { clock, room, called } = setUp();
    expect(room.enter(clock.now(), () => called.push("late"))).toBeUndefined();
    room.enter(clock.now() + 5000, (reachable) => called.push(String(reachable)));
    room.close();
    expect(room.enter(clock.now() + 5000, () => called.push("closed"))).toBeUndefined();
    expect(called).toEqual(["false"]);
  });
});
