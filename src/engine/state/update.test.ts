import { describe, expect, test } from "vitest";
import { systemClock } from "../../core/runtime.ts";
import { IntermissionError } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { startOf, type State } from "../../core/state/state.ts";
import { recordRelease } from "../../core/state/releases.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { readState, updateState } from "./update.ts";

const record =
  (id: string) =>
  (state: State, now: number): ReturnType<typeof recordRelease> =>
    recordRelease(state, id, now);

test("many writers at once lose nothing", async () => {
  const subject = { store: memoryStore(), app: "default", clock: systemClock };
  const ids = Array.from({ length: 30 }, (_, index) => `v${String(index)}`);
  await Promise.all(ids.map((id) => updateState(subject, record(id))));
  const { state } = await readState(subject);
  expect(state.releases.map(({ id }) => id).sort()).toEqual(ids.sort());
});

test("a transition that changes nothing writes nothing", async () => {
  const store = memoryStore();
  const subject = { store, app: "default", clock: systemClock };
  await updateState(subject, record("v1"));
  await updateState(subject, record("v1"));
  expect((await store.read("default")).version).toBe(1);
});

test("people who look into the store find the current release beside the record", async () => {
  const inner = memoryStore();
  const told: unknown[] = [];
  const store: Store = {
    ...inner,
    write: (app, value, version, current) => {
      told.push(current);
      return inner.write(app, value, version, current);
    },
  };
  await updateState({ store, app: "default", clock: systemClock }, record("v1"));
  expect(told).toEqual(["v1"]);
});

describe("gives up in bounded time", () => {
  test("when the store never answers", async () => {
    const clock = createFakeClock();
    const store: Store = { ...memoryStore(), read: () => new Promise(() => undefined) };
    const update = updateState({ store, app: "default", clock }, record("v1"));
    update.catch(() => undefined);
    expect(clock.referenced, "somebody waits for it").toBe(1);
    await clock.advance(4000);
    await expect(update).rejects.toMatchObject({ code: "store-failed" });
    expect(clock.pending).toBe(0);
  });

  test("when others are always first", async () => {
    const clock = createFakeClock();
    const store: Store = { ...memoryStore(), write: () => Promise.resolve(false) };
    const update = updateState({ store, app: "default", clock }, record("v1"));
    update.catch(() => undefined);
    await clock.advance(10_000);
    await expect(update).rejects.toMatchObject({ code: "store-busy" });
  });
});

test("a read that was short of time is tried again, one that was refused is not", async () => {
  const clock = createFakeClock();
  const inner = memoryStore();
  let reads = 0;
  const failing = (after: number): Store => ({
    ...inner,
    read: (app) => {
      if (++reads > 2) return inner.read(app);
      return new Promise((_, reject) =>
        clock.after(after, () => {
          reject(new Error("no answer"));
        }),
      );
    },
  });
  const patient = updateState({ store: failing(1000), app: "default", clock }, record("v1"));
  await clock.advance(2000);
  expect((await patient).result.outcome).toBe("recorded");

  reads = Number.NEGATIVE_INFINITY;
  const hopeless = updateState({ store: failing(1000), app: "default", clock }, record("v2"));
  hopeless.catch(() => undefined);
  await clock.advance(4000);
  await expect(hopeless, "the store's own words").rejects.toThrow("no answer");

  reads = 0;
  const refused = updateState({ store: failing(10), app: "default", clock }, record("v2"));
  refused.catch(() => undefined);
  await clock.advance(10);
  await expect(refused).rejects.toThrow("no answer");
});

test("a record that can't be understood is never written over", async () => {
  const store = memoryStore();
  await store.write("default", "somebody else's", 0);
  const subject = { store, app: "default", clock: systemClock };
  await expect(updateState(subject, record("v1"))).rejects.toMatchObject({ code: "state-unreadable" });
  expect((await store.read("default")).value).toBe("somebody else's");
});

describe("a write without an answer", () => {
  /** A store whose first write takes effect after so many milliseconds, or never, and then fails. */
  function losing(options: { doneAfter?: number; failsAfter: number; readable?: boolean }) {
    const clock = createFakeClock();
    const inner = memoryStore();
    let writes = 0;
    const store: Store = {
      ...inner,
      read: (app) =>
        writes > 0 && options.readable === false ? Promise.reject(new Error("away")) : inner.read(app),
      write: (app, value, version, current) => {
        if (++writes > 1) return inner.write(app, value, version, current);
        if (options.doneAfter !== undefined) {
          clock.after(options.doneAfter, () => void inner.write(app, value, version, current));
        }
        return new Promise((_, reject) =>
          clock.after(options.failsAfter, () => {
            reject(new Error("no answer"));
          }),
        );
      },
    };
    return { clock, inner, store, count: () => writes };
  }

  test.each([
    ["that was done", { doneAfter: 10, failsAfter: 3500 }],
    ["that is done later", { doneAfter: 4200, failsAfter: 3500 }],
    ["that got lost", { failsAfter: 3500 }],
    ["whose connection was lost after it was done", { doneAfter: 5, failsAfter: 10 }],
    ["whose connection was lost before", { failsAfter: 10 }],
  ])("%s is recorded, once", async (_, options) => {
    const { clock, inner, store } = losing(options);
    const update = updateState({ store, app: "default", clock }, record("v1"));
    await clock.advance(10_000);
    expect((await update).result.outcome).toBe("recorded");
    const { state } = await readState({ store: inner, app: "default", clock });
    expect(state.releases.map(({ id }) => id)).toEqual(["v1"]);
    expect((await inner.read("default")).version).toBe(1);
  });

  test.each([
    ["true: it was done", 3000, true, "recorded"],
    ["false: somebody else was first", 3000, false, "recorded"],
  ])("that is answered while it is looked for is answered: %s", async (_, answersAfter, done, outcome) => {
    const clock = createFakeClock();
    const inner = memoryStore();
    let writes = 0;
    const store: Store = {
      ...inner,
      read: (app) =>
        writes === 1 && clock.now() < answersAfter ? Promise.reject(new Error("away")) : inner.read(app),
      write: (app, value, version, current) =>
        ++writes > 1
          ? inner.write(app, value, version, current)
          : new Promise((resolve) =>
              clock.after(answersAfter, () => {
                resolve(done && inner.write(app, value, version, current));
              }),
            ),
    };
    const update = updateState({ store, app: "default", clock }, record("v1"));
    await clock.advance(10_000);
    expect((await update).result.outcome).toBe(outcome);
    expect(writes).toBe(done ? 1 : 2);
  });

  test("that the store refuses late, and for certain, is told as it is, within its time", async () => {
    const clock = createFakeClock();
    const refused = new IntermissionError("store-failed", { problem: "The row is locked", written: false });
    let writes = 0;
    const store: Store = {
      ...memoryStore(),
      write: () => {
        writes++;
        return new Promise((_, reject) =>
          clock.after(3500, () => {
            reject(refused);
          }),
        );
      },
    };
    const update = updateState({ store, app: "default", clock }, record("v1"));
    update.catch(() => undefined);
    await clock.advance(4000);
    await expect(update).rejects.toBe(refused);
    expect(writes).toBe(1);
  });

  test("of a store that never answers it is told as not known, within 4.5 s", async () => {
    const clock = createFakeClock();
    const store: Store = { ...memoryStore(), write: () => new Promise(() => undefined) };
    const update = updateState({ store, app: "default", clock }, record("v1"));
    update.catch(() => undefined);
    await clock.advance(4500);
    await expect(update).rejects.toMatchObject({ code: "write-unknown" });
    expect(clock.pending).toBe(0);
  });

  test("of a store that can't be read either is told as not known, in bounded time", async () => {
    const { clock, store } = losing({ failsAfter: 3500, readable: false });
    const update = updateState({ store, app: "default", clock }, record("v1"));
    update.catch(() => undefined);
    await clock.advance(8000);
    await expect(update).rejects.toMatchObject({
      code: "write-unknown",
      message: expect.stringMatching(/not known whether.*intermission status/) as string,
    });
    expect(clock.pending).toBe(0);
  });

  test("that somebody else's overtook is prepared anew", async () => {
    const { clock, inner, store } = losing({ failsAfter: 3500 });
    const update = updateState({ store, app: "default", clock }, record("v1"));
    await clock.advance(1000);
    await updateState({ store: inner, app: "default", clock }, record("v0"));
    await clock.advance(10_000);
    await update;
    const { state } = await readState({ store: inner, app: "default", clock });
    expect(state.releases.map(({ id }) => id)).toEqual(["v0", "v1"]);
  });

  test("that the store refused for certain is told as it is, and not sent again", async () => {
    const clock = createFakeClock();
    const refused = new IntermissionError("store-failed", { problem: "No right", written: false });
    let writes = 0;
    const store: Store = { ...memoryStore(), write: () => (writes++, Promise.reject(refused)) };
    await expect(updateState({ store, app: "default", clock }, record("v1"))).rejects.toBe(refused);
    expect(writes).toBe(1);
  });

  test("that fails again and again at once is told as it is", async () => {
    const clock = createFakeClock();
    const failure = new Error("disk full");
    const store: Store = { ...memoryStore(), write: () => Promise.reject(failure) };
    const update = updateState({ store, app: "default", clock }, record("v1"));
    update.catch(() => undefined);
    await clock.advance(1000);
    await expect(update).rejects.toBe(failure);
  });
});

test("two writes of the same begin differently, by their mark", async () => {
  const starts = await Promise.all(
    [1, 2].map(async () => {
      const store = memoryStore();
      await updateState({ store, app: "default", clock: createFakeClock() }, record("v1"));
      return startOf((await store.read("default")).value ?? "");
    }),
  );
  expect(starts[0]).not.toBe(starts[1]);
});
