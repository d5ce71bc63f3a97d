import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, expect, test } from "vitest";
import { failedAnswer } from "../../test/support/failed-answer.ts";
import type { Store } from "../core/ports.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createIntermission } from "./create.ts";

const visitors = new AsyncLocalStorage<string>();
const apiKey = Symbol.for("opentelemetry.js.api.1");

afterEach(() => {
  Reflect.deleteProperty(globalThis, apiKey);
});

/** A store that records for whom it is read, and whether that is traced. */
function notingStore(note: () => void): Store {
  const store = memoryStore();
  return {
    read(app) {
      note();
      return store.read(app);
    },
    write: store.write.bind(store),
    close: store.close.bind(store),
  };
}

test("a read that an error has asked for, and all that follow it, run in no visitor's context", async () => {
  const readers: (string | undefined)[] = [];
  const clock = createFakeClock();
  const store = notingStore(() => readers.push(visitors.getStore()));
  const intermission = createIntermission({ store, release: "v1.0" }, { environment: {}, clock });
  await intermission.ready();
  await intermission.createRelease("v1.0", { wait: false });
  await clock.advance(5000);
  readers.length = 0;
  await visitors.run("a visitor", async () => {
    const replacement = intermission.replacementFor(failedAnswer());
    expect(replacement).toBeInstanceOf(Promise);
    await replacement;
    expect(visitors.getStore()).toBe("a visitor");
  });
  await clock.advance(30_000);
  expect(readers.length).toBeGreaterThan(2);
  expect(new Set(readers)).toEqual(new Set([undefined]));
  await intermission.close();
});

test("what we read is not traced by OpenTelemetry", async () => {
  const suppressed = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
  let active = new Map<symbol, unknown>();
  const context = {
    active: () => ({ setValue: (key: symbol, value: unknown) => new Map(active).set(key, value) }),
    with(other: typeof active, work: () => unknown) {
      const before = active;
      active = other;
      try {
        return work();
      } finally {
        active = before;
      }
    },
  };
  Reflect.set(globalThis, apiKey, { context });
  const seen: unknown[] = [];
  const store = notingStore(() => seen.push(active.get(suppressed)));
  const intermission = createIntermission({ store, release: "v1.0" }, { environment: {} });
  await intermission.ready();
  expect(seen).toEqual([true]);
  await intermission.close();
});
