import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Intermission } from "../core/intermission.ts";
import type { Clock, Store } from "../core/ports.ts";
import { createIntermission } from "./create.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";

const minute = 60_000;
const hour = 60 * minute;

let clock: FakeClock;
let warnings: string[];
const started: Intermission[] = [];

beforeEach(() => {
  clock = createFakeClock({ start: 10 * hour });
  warnings = [];
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((intermission) => intermission.close()));
});

/** A store that reports this time, or none. It has no push, so that only reads bring news. */
function storeTelling(now: (() => number) | undefined): Store {
  const inner = memoryStore();
  return {
    async read(app, knownVersion) {
      const record: { now?: number; version: number } = { ...(await inner.read(app, knownVersion)) };
      if (now === undefined) delete record.now;
      else record.now = now();
      return record;
    },
    write: inner.write.bind(inner),
    close: () => inner.close(),
  };
}

/** The same clock, this much ahead. */
const ahead = (by: number): Clock => ({
  now: () => clock.now() + by,
  after: clock.after,
  random: clock.random,
});

function start(store: Store, release: string, its: Clock = clock): Intermission {
  const logger = { warn: () => undefined, error: () => undefined };
  const onWarning = ({ code }: { readonly code: string }): unknown => warnings.push(code);
  const intermission = createIntermission(
    { store, release, maxWindow: "30m", warnAfter: 0, logger, onWarning },
    { environment: {}, clock: its },
  );
  started.push(intermission);
  return intermission;
}

/** The reason once an instance knows the newest state: its first error may only trigger the read. */
async function reasonAt(instance: Intermission): Promise<string> {
  await instance.decide();
  await clock.advance(1000);
  await instance.decide();
  await clock.advance(0);
  return (await instance.decide()).reason;
}

describe("the maximum window is counted by the store's time", () => {
  test.each([
    ["right", 0],
    ["an hour ahead", hour],
    ["an hour behind", -hour],
  ])("whatever the instance's own clock says: %s", async (_, wrong) => {
    const store = storeTelling(() => clock.now());
    await start(store, "v1.1").createRelease(undefined, { wait: false });
    const instance = start(store, "v1.0", ahead(wrong));
    await instance.ready();
    await clock.advance(30 * minute - 5000);
    expect(await reasonAt(instance)).toBe("release-mismatch");
    await clock.advance(4000);
    expect(await reasonAt(instance)).toBe("window-passed");
  });

  test.each([hour, -hour])("whatever the clock of the deploy's machine says (%i ms off)", async (wrong) => {
    const store = storeTelling(() => clock.now());
    await start(store, "v1.1", ahead(wrong)).createRelease(undefined, { wait: false });
    const instance = start(store, "v1.0");
    await instance.ready();
    await clock.advance(30 * minute - 5000);
    expect(await reasonAt(instance)).toBe("release-mismatch");
    await clock.advance(4000);
    expect(await reasonAt(instance)).toBe("window-passed");
  });

  test("which is the machine's own where the store has none: all of them are on that machine", async () => {
    const store = storeTelling(undefined);
    const instance = start(store, "v1.0", ahead(hour));
    await instance.ready();
    await start(store, "v1.1", ahead(hour)).createRelease(undefined, { wait: false });
    await clock.advance(30 * minute - 5000);
    expect(await reasonAt(instance)).toBe("release-mismatch");
    await clock.advance(4000);
    expect(await reasonAt(instance)).toBe("window-passed");
  });
});

describe("a window that has passed is warned of", () => {
  test("once, however long the errors go on, and again in the next window", async () => {
    const store = storeTelling(() => clock.now());
    const instance = start(store, "v1.0");
    await instance.ready();
    const machine = start(store, "v1.1");
    await machine.createRelease("v1.0", { wait: false });
    await machine.createRelease("v1.1", { wait: false });
    await clock.advance(30 * minute);
    for (let error = 0; error < 200; error++) {
      expect(await reasonAt(instance)).toBe("window-passed");
      await clock.advance(minute);
    }
    expect(warnings).toEqual(["window-passed"]);

    await machine.createRelease("v1.2", { wait: false });
    await clock.advance(1000);
    expect(await reasonAt(instance)).toBe("release-mismatch");
    await clock.advance(30 * minute);
    for (let error = 0; error < 5; error++) expect(await reasonAt(instance)).toBe("window-passed");
    expect(warnings).toEqual(["window-passed", "window-passed"]);
  });

  test("again after a rollback, which begins a window for those that run the newer release", async () => {
    const store = storeTelling(() => clock.now());
    const machine = start(store, "v1.1");
    await machine.createRelease("v1.0", { wait: false });
    await machine.createRelease("v1.1", { wait: false });
    const instance = start(store, "v0.9");
    await instance.ready();
    await clock.advance(30 * minute);
    expect(await reasonAt(instance)).toBe("window-passed");
    await machine.rollback("v1.0", { wait: false });
    expect(await reasonAt(instance)).toBe("release-mismatch");
    await clock.advance(30 * minute);
    expect(await reasonAt(instance)).toBe("window-passed");
    expect(warnings).toEqual(["window-passed", "window-passed"]);
  });

  test("but not while a deploy is open: its errors are masked past the window too", async () => {
    const store = storeTelling(() => clock.now());
    const machine = start(store, "v1.1");
    const { id } = await machine.openDeploy({ lease: 2 * hour, wait: false });
    const instance = start(store, "v1.0");
    await instance.ready();
    await clock.advance(hour);
    expect(await reasonAt(instance)).toBe("deploy-open");
    expect(warnings).toEqual([]);
    await machine.closeDeploy({ id, outcome: "succeeded" });
    expect(await reasonAt(instance)).toBe("window-passed");
  });
});
