import { afterEach, describe, expect, test, vi } from "vitest";
import type { Clock, Store } from "../core/ports.ts";
import { systemClock } from "../core/runtime.ts";
import { createIntermission } from "./create.ts";
import { memoryStore } from "../stores/memory/index.ts";

const quiet = { warn: () => undefined, error: () => undefined };

/** A store that counts its reads and can't push. */
function countedStore(): { readonly store: Store; readonly reads: () => number } {
  const { read, write, close } = memoryStore();
  let reads = 0;
  return {
    store: {
      read(...parameters) {
        reads++;
        return read(...parameters);
      },
      write,
      close,
    },
    reads: () => reads,
  };
}

describe("a runtime where nothing goes on between requests", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("has no timer and no read before the first error, and right verdicts from then on", async () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    let time = systemClock.now();
    let timers = 0;
    const clock: Clock = {
      now: () => time,
      after: () => {
        timers++;
        return () => timers--;
      },
      random: Math.random,
    };
    const { store, reads } = countedStore();
    const instance = createIntermission(
      { store, release: "v1.0", logger: quiet },
      { clock, environment: {} },
    );
    const deploy = createIntermission({ store, release: "v1.1" }, { watching: false, environment: {} });
    expect([timers, reads()]).toEqual([0, 0]);

    expect(await instance.decide()).toMatchObject({ reason: "no-current-release" });
    await deploy.createRelease("v1.1", { wait: false });
    time += 1000;
    expect(await instance.decide()).toMatchObject({ reason: "release-mismatch" });
    await deploy.createRelease("v1.0", { wait: false });
    await deploy.rollback("v1.1", { wait: false });
    time += 3_600_000;
    expect(await instance.decide()).toMatchObject({ reason: "release-mismatch" });
    await deploy.createRelease("v1.2", { wait: false });
    await deploy.rollback("v1.0", { wait: false });
    time += 1000;
    expect(await instance.decide()).toMatchObject({ reason: "release-match" });
    expect(timers).toBe(0);
    await instance.close();
    await deploy.close();
  });

  test("is told from those that have a background", async () => {
    const { store, reads } = countedStore();
    const instance = createIntermission({ store, release: "v1.0", logger: quiet }, { environment: {} });
    await instance.ready();
    expect(reads()).toBe(1);
    await instance.close();
  });
});
