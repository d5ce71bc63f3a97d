import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Intermission } from "../core/intermission.ts";
import type { IntermissionOptions, Warning } from "../core/settings/options.ts";
import type { Store } from "../core/ports.ts";
import { createIntermission, intermissionFrom } from "./create.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";

const plainError = { status: 500 };

let clock: FakeClock;
let warnings: Warning[];
let lines: string[];
const open: Intermission[] = [];

function create(
  options: IntermissionOptions,
  environment: Readonly<Record<string, string>> = {},
): Intermission {
  const intermission = createIntermission(
    {
      logger: { warn: (line) => lines.push(line), error: () => undefined },
      onWarning: (warning) => warnings.push(warning),
      ...options,
    },
    { environment, clock },
  );
  open.push(intermission);
  return intermission;
}

/** A store without push, so that only reads bring news. */
function mute(store: Store): Store & { reads: number } {
  const muted = {
    reads: 0,
    read: (app: string, knownVersion?: number) => {
      muted.reads++;
      return store.read(app, knownVersion);
    },
    write: store.write.bind(store),
    close: () => store.close(),
  };
  return muted;
}

beforeEach(() => {
  clock = createFakeClock();
  warnings = [];
  lines = [];
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((intermission) => intermission.close()));
});

describe("create-release", () => {
  test("returns only once every instance knows: no old one shows a raw error after it", async () => {
    const store = mute(memoryStore());
    const old = create({ store, release: "v1.0" });
    await old.ready();
    await old.createRelease("v1.0", { wait: false });
    await clock.advance(10_000);
    expect(await old.decide()).toMatchObject({ verdict: "regular", reason: "release-match" });

    const machine = create({ store, release: "v1.1" });
    let returned = false;
    const recording = machine.createRelease().then((result) => {
      returned = true;
      return result;
    });
    await clock.advance(999);
    expect(returned).toBe(false);
    // A snapshot from just before the write may still say "regular" now …
    await clock.advance(26);
    expect(await recording).toEqual({
      release: "v1.1",
      outcome: "recorded",
      currentRelease: "v1.1",
      previousRelease: "v1.0",
    });
    // … but not after the write has returned.
    expect(await old.decide()).toMatchObject({ verdict: "maintenance", reason: "release-mismatch" });
  });

  test("waits for what is missing of that second when another machine was first", async () => {
    const store = memoryStore();
    const [one, two] = [create({ store, release: "v1.1" }), create({ store, release: "v1.1" })];
    await one.createRelease(undefined, { wait: false });
    const second = two.createRelease();
    let returned = false;
    void second.then(() => (returned = true));
    await clock.advance(0);
    expect(returned).toBe(false);
    // The memory store uses the machine's time, which goes on while the fake clock stands still.
    await clock.advance(2000);
    expect(await second).toMatchObject({ outcome: "already-current", previousRelease: null });
  });

  test("of a release known from before changes nothing, and does not wait", async () => {
    const store = memoryStore();
    const machine = create({ store, release: "v1.0" });
    await machine.createRelease("v1.0", { wait: false });
    await machine.createRelease("v1.1", { wait: false });
    expect(await machine.createRelease()).toEqual({
      release: "v1.0",
      outcome: "known",
      currentRelease: "v1.1",
      previousRelease: "v1.0",
    });
  });

  test("without an id anywhere is refused with what to set", async () => {
    await expect(create({ store: "memory:" }).createRelease()).rejects.toMatchObject({
      code: "no-release",
      message: expect.stringContaining("MAINTENANCE_PAGE_RELEASE") as string,
    });
  });

  test("of something that is no identifier is refused, and nothing is written", async () => {
    const machine = create({ store: "memory:" });
    await expect(machine.createRelease("a\nb")).rejects.toMatchObject({ code: "bad-release" });
    expect(await machine.releases()).toEqual([]);
  });
});

describe("rollback", () => {
  test("makes the release before the current one current again", async () => {
    const machine = create({ store: "memory:", release: "v1.1" });
    await machine.createRelease("v1.0", { wait: false });
    await machine.createRelease("v1.1", { wait: false });
    expect(await machine.rollback(undefined, { wait: false })).toEqual({
      release: "v1.0",
      outcome: "rolled-back",
      previousRelease: "v1.1",
    });
    expect((await machine.releases()).map(({ id }) => id)).toEqual(["v1.0", "v1.1"]);
    expect(await machine.status()).toMatchObject({ currentRelease: "v1.0", reason: "release-mismatch" });
  });

  test("is noticed with the next error by an instance that shows the page", async () => {
    const store = mute(memoryStore());
    const old = create({ store, release: "v1.0" });
    await old.ready();
    await old.createRelease("v1.0", { wait: false });
    await old.createRelease("v1.1", { wait: false });
    await clock.advance(1000);
    expect((await old.decide()).verdict).toBe("maintenance");
    await create({ store, release: "v1.1" }).rollback("v1.0", { wait: false });
    await clock.advance(1000);
    expect((await old.decide()).verdict, "used at once, refreshed behind").toBe("maintenance");
    await clock.advance(0);
    await Promise.resolve();
    expect((await old.decide()).verdict).toBe("regular");
  });
});

describe("status", () => {
  test("says what an error would become here, and why", async () => {
    const machine = create({ store: "memory:", release: "v1.0", app: "shop" });
    await machine.createRelease("v1.1", { wait: false });
    expect(await machine.status()).toEqual({
      app: "shop",
      instanceRelease: "v1.0",
      currentRelease: "v1.1",
      mode: "auto",
      verdict: "maintenance",
      reason: "release-mismatch",
    });
  });

  test("says null for what is unknown", async () => {
    expect(await create({ store: "memory:" }).status()).toMatchObject({
      instanceRelease: null,
      currentRelease: null,
      reason: "no-instance-release",
    });
  });

  test("counts manual mode of this instance", async () => {
    expect(await create({ store: "memory:", mode: "on" }).status()).toMatchObject({
      mode: "errors",
      reason: "manual",
    });
  });

  test("rejects when the store can't be read", async () => {
    const store = { ...memoryStore(), read: () => Promise.reject(new Error("gone")) };
    await expect(create({ store }).status()).rejects.toThrow("gone");
  });

  test("rejects in time when the store never answers", async () => {
    const store = { ...memoryStore(), read: () => new Promise<never>(() => undefined) };
    const asked = create({ store }).status();
    asked.catch(() => undefined);
    await clock.advance(4000);
    await expect(asked).rejects.toMatchObject({ code: "store-failed" });
  });
});

describe("an error storm", () => {
  test("costs the store at most one read a second, whatever the verdict", async () => {
    for (const release of ["v1.0", "v1.1"]) {
      const store = mute(memoryStore());
      const instance = create({ store, release });
      await instance.ready();
      await instance.createRelease("v1.1", { wait: false });
      await clock.advance(1000);
      store.reads = 0;
      for (let tenth = 0; tenth < 100; tenth++) {
        for (let error = 0; error < 50; error++) await instance.decide(plainError);
        await clock.advance(100);
      }
      expect(store.reads).toBeGreaterThan(0);
      expect(store.reads).toBeLessThanOrEqual(11);
    }
  });

  test("in manual mode costs it nothing", async () => {
    const store = mute(memoryStore());
    const instance = create({ store, mode: true, refreshEvery: 0 });
    await instance.ready();
    store.reads = 0;
    for (let second = 0; second < 10; second++) {
      expect(await instance.decide(plainError)).toMatchObject({ reason: "manual" });
      await clock.advance(1000);
    }
    expect(store.reads).toBe(0);
  });
});

describe("warnings", () => {
  test("that nothing will change are said once", async () => {
    const instance = create({ store: "memory:" });
    await instance.ready();
    for (let error = 0; error < 5; error++) {
      await instance.decide();
      await clock.advance(120_000);
    }
    expect(warnings.map(({ code }) => code)).toEqual(["no-instance-release"]);
    expect(lines[0]).toMatch(/^\[intermission\] .*MAINTENANCE_PAGE_RELEASE/);
  });

  test("of a store that fails are said once a minute", async () => {
    const store = { ...mute(memoryStore()), read: () => Promise.reject(new Error("connection refused")) };
    const instance = create({ store, release: "v1.0" });
    await instance.ready();
    for (let second = 0; second < 60; second++) await clock.advance(1000);
    expect(warnings.map(({ code }) => code)).toEqual(["store-unreachable"]);
    await clock.advance(5000);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]?.message).toContain("connection refused");
  });
});

test("an intermission that is handed in is used as it is", () => {
  const intermission = create({ store: "memory:" });
  expect(intermissionFrom({ intermission })).toBe(intermission);
});

test("a store that is handed in is left open for its maker", async () => {
  const store = memoryStore();
  const intermission = create({ store, release: "v1" });
  await intermission.close();
  expect(await store.read("default")).toMatchObject({ version: 0 });
});

test("a store that can't be reached at the start keeps nobody from starting", async () => {
  const store = { ...mute(memoryStore()), read: () => new Promise<never>(() => undefined) };
  const instance = create({ store, release: "v1.0" });
  const ready = instance.ready();
  await clock.advance(1000);
  await expect(ready).resolves.toBeUndefined();
  expect(await instance.decide()).toMatchObject({ verdict: "regular", reason: "store-unknown" });
});
