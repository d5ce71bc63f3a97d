import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { StoreContractCase, StoreContractSubject } from "./store-contract-subject.ts";
import { withPlace } from "./store-contract-place.ts";

/** Milliseconds in which a push must arrive. */
const pushWithin = 5000;

export function casesOfPush(subject: StoreContractSubject): readonly StoreContractCase[] {
  if (!subject.push) {
    return [
      {
        name: "a store without push has no method watch",
        run: () =>
          withPlace(subject, async (_, open) => {
            assert.equal(open().watch, undefined);
          }),
      },
    ];
  }
  return [
    {
      name: "a change is pushed to who watches, until it is stopped",
      run: () =>
        withPlace(subject, async (_, open) => {
          const writer = open();
          // A store that is private to its handle can notify nobody else.
          const watcher = subject.otherProcess === undefined ? writer : open();
          const pushes = { stopped: 0, going: 0 };
          assert.ok(watcher.watch);
          const stop = await watcher.watch("app", () => pushes.stopped++);
          const stopOther = await watcher.watch("app", () => pushes.going++);

          assert.equal(await writer.write("app", "one", 0), true);
          await until(() => pushes.stopped >= 1 && pushes.going >= 1);
          assert.equal((await watcher.read("app")).value, "one");

          await stop();
          const before = pushes.stopped;
          const going = pushes.going;
          assert.equal(await writer.write("app", "two", 1), true);
          await until(() => pushes.going > going);
          assert.equal(pushes.stopped, before, "a stopped callback was called");

          await stopOther();
          await stop();
        }),
    },
    {
      name: "one callback may watch several apps, and is told when it has read",
      run: () =>
        withPlace(subject, async (_, open) => {
          const writer = open();
          const watcher = subject.otherProcess === undefined ? writer : open();
          assert.ok(watcher.watch);
          let pushes = 0;
          const changed = (): void => {
            pushes++;
          };
          const stops = [await watcher.watch("one", changed), await watcher.watch("two", changed)];
          await writer.write("one", "value", 0);
          await until(() => pushes >= 1);
          const before = pushes;
          await writer.write("two", "value", 0);
          await until(() => pushes > before);
          await Promise.all(stops.map((stop) => stop()));
        }),
    },
  ];
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + pushWithin;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `no push within ${String(pushWithin / 1000)} s`);
    await pause(5);
  }
}
