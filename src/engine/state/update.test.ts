import { describe, expect, test } from "vitest";
import { systemClock } from "../../core/clock.ts";
import type { Store } from "../../core/ports.ts";
import type { State } from "../../core/state/state.ts";
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
