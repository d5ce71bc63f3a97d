import { describe, expect, test } from "vitest";
import { isIntermissionError } from "../../src/core/errors.ts";
import type { Clock, Store, StoreRecord } from "../../src/core/ports.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { silentLogger } from "../support/deploy-window.ts";
import { createRandom } from "../support/random.js";
import { checkHistory } from "./check-history.ts";
import { toHistory, type History } from "./history.ts";
import { recordStore, type LogLine } from "./recording-store.js";

interface MemoryRecord {
  readonly version: number;
  readonly value: string;
}

/** A store for planting defects: it has everything ever written, newest last. */
type Plant = (memory: {
  readonly records: MemoryRecord[];
  chance(probability: number): boolean;
  newest(): StoreRecord;
  compareAndSet(value: string, expectedVersion: number): boolean;
}) => Partial<Store>;

const nothing: Plant = () => ({});

/** Four clients that share one store in an order chosen by the seed, and what they recorded. */
async function simulate(seed: number, plant: Plant): Promise<History> {
  const random = createRandom(seed);
  const chance = (probability: number): boolean => random() < probability;
  const turns = async (): Promise<void> => {
    for (let turn = random() * 6; turn > 0; turn--) await new Promise((resume) => setImmediate(resume));
  };
  const records: MemoryRecord[] = [];
  const newest = (): StoreRecord => records.at(-1) ?? { version: 0 };
  const compareAndSet = (value: string, expectedVersion: number): boolean => {
    if (newest().version !== expectedVersion) return false;
    records.push({ version: expectedVersion + 1, value });
    return true;
  };
  const planted = plant({ records, chance, newest, compareAndSet });
  const store: Store = {
    async read(app, knownVersion) {
      await turns();
      const record = await (planted.read?.(app, knownVersion) ?? newest());
      await turns();
      return record;
    },
    async write(app, value, expectedVersion) {
      await turns();
      const written = await (planted.write?.(app, value, expectedVersion) ??
        compareAndSet(value, expectedVersion));
      await turns();
      return written;
    },
    close: () => Promise.resolve(),
  };
  const clock: Clock = {
    now: () => 0,
    // Pauses end at once, time limits never.
    after: (milliseconds, callback) => {
      if (milliseconds <= 250) setImmediate(callback);
      return () => {};
    },
    random,
  };

  const lines: LogLine[] = [];
  let moment = 0;
  const client = async (name: string): Promise<void> => {
    const recording = recordStore(
      store,
      name,
      () => ++moment,
      (line) => lines.push(line),
    );
    const intermission = createIntermission(
      { store: recording.store, logger: silentLogger },
      { environment: {}, clock, watching: false },
    );
    for (let made = 0; made < 25; made++) {
      try {
        if (chance(0.6)) {
          const id = `${name}-${String(made)}`;
          recording.begin({ verb: "create", id });
          const { outcome, previousRelease } = await intermission.createRelease(id, { wait: false });
          recording.finish(outcome, previousRelease);
        } else if (chance(0.5)) {
          recording.begin({ verb: "rollback" });
          const { outcome, previousRelease } = await intermission.rollback(undefined, { wait: false });
          recording.finish(outcome, previousRelease);
        } else {
          await intermission.releases();
        }
      } catch (error) {
        if (!isIntermissionError(error) && !(error instanceof PlantedFailure)) throw error;
      }
    }
  };
  await Promise.all(["a", "b", "c", "d"].map(client));
  return toHistory(lines);
}

class PlantedFailure extends Error {}

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

async function violationsOf(plant: Plant): Promise<readonly (readonly string[])[]> {
  return Promise.all(seeds.map(async (seed) => checkHistory(await simulate(seed, plant))));
}

describe("no alarm", () => {
  const sound: Readonly<Record<string, Plant>> = {
    "where nothing is wrong": nothing,
    "where a write fails before or after it was done": ({ chance, compareAndSet }) => ({
      async write(_, value, expectedVersion) {
        if (chance(0.1)) throw new PlantedFailure();
        const written = compareAndSet(value, expectedVersion);
        if (chance(0.1)) throw new PlantedFailure();
        return written;
      },
    }),
    "where a write is done long after it failed": ({ chance, compareAndSet }) => ({
      async write(_, value, expectedVersion) {
        if (!chance(0.2)) return compareAndSet(value, expectedVersion);
        setTimeout(() => compareAndSet(value, expectedVersion), 1);
        throw new PlantedFailure();
      },
    }),
    "where a read fails": ({ chance, newest }) => ({
      async read() {
        if (chance(0.2)) throw new PlantedFailure();
        return newest();
      },
    }),
  };

  test.each(Object.entries(sound))("%s", async (_, plant) => {
    for (const violations of await violationsOf(plant)) expect(violations).toEqual([]);
  });

  test("and something was tried: hundreds of versions, refusals and results", async () => {
    const histories = await Promise.all(seeds.map((seed) => simulate(seed, nothing)));
    const writes = histories.flatMap((history) => history.writes);
    expect(writes.filter(({ outcome }) => outcome === "written").length).toBeGreaterThan(500);
    expect(writes.filter(({ outcome }) => outcome === "refused").length).toBeGreaterThan(100);
    expect(histories.flatMap(({ results }) => results).length).toBeGreaterThan(500);
  });
});

describe("an alarm", () => {
  const defects: readonly (readonly [name: string, alarm: string, plant: Plant])[] = [
    [
      "at a compare-and-set that does not compare",
      "lost update",
      ({ records, chance, compareAndSet }) => ({
        async write(_, value, expectedVersion) {
          if (!chance(0.2)) return compareAndSet(value, expectedVersion);
          records.push({ version: expectedVersion + 1, value });
          return true;
        },
      }),
    ],
    [
      "at a read from a copy that lags behind",
      "stale read",
      ({ records, chance, newest }) => ({
        read: async () => (chance(0.1) ? (records.at(-3) ?? newest()) : newest()),
      }),
    ],
    [
      "at a crash that loses what was acknowledged",
      "stale read",
      ({ records, chance, newest }) => ({
        async read() {
          if (chance(0.05)) records.splice(-2);
          return newest();
        },
      }),
    ],
    [
      "at a write that makes a version for the second time",
      "lost update",
      ({ records, chance, compareAndSet }) => ({
        async write(_, value, expectedVersion) {
          const written = compareAndSet(value, expectedVersion);
          if (written && chance(0.1)) records.pop();
          return written;
        },
      }),
    ],
    [
      "at a version that is read with the value of another",
      "wrong version",
      ({ records, chance, newest }) => ({
        async read() {
          const [before, last] = records.slice(-2);
          return last !== undefined && before !== undefined && chance(0.1)
            ? { version: last.version, value: before.value }
            : newest();
        },
      }),
    ],
    [
      "at a value that is torn",
      "torn value",
      ({ chance, newest }) => ({
        async read() {
          const { version, value } = newest();
          if (value === undefined) return { version };
          const parsed = JSON.parse(value) as { readonly releases: readonly unknown[] };
          return chance(0.1)
            ? { version, value: JSON.stringify({ ...parsed, releases: parsed.releases.slice(1) }) }
            : { version, value };
        },
      }),
    ],
    [
      "at a write that says no and does it",
      "refused and yet written",
      ({ chance, compareAndSet }) => ({
        write: async (_, value, expectedVersion) => compareAndSet(value, expectedVersion) && !chance(0.1),
      }),
    ],
    [
      "at a write that says no though nobody was first",
      "refused for nothing",
      ({ chance, compareAndSet }) => ({
        write: async (_, value, expectedVersion) => !chance(0.1) && compareAndSet(value, expectedVersion),
      }),
    ],
    [
      "at a value that nobody wrote",
      "from nowhere",
      ({ chance, newest }) => ({
        async read() {
          const { version, value } = newest();
          return chance(0.1) && value !== undefined
            ? { version, value: JSON.stringify({ ...(JSON.parse(value) as object), mark: "nobody" }) }
            : newest();
        },
      }),
    ],
  ];

  test.each(defects)("%s: %s", async (_, alarm, plant) => {
    const all = await violationsOf(plant);
    expect(all.flat().filter((violation) => violation.startsWith(alarm)).length).toBeGreaterThan(0);
    // A planted defect is found in most orders.
    expect(all.filter((violations) => violations.length > 0).length).toBeGreaterThan(seeds.length * 0.7);
  });
});

describe("an alarm at what can't be planted in a store:", () => {
  const changed = async (change: (history: History) => Partial<History>): Promise<readonly string[]> => {
    const history = await simulate(1, nothing);
    return checkHistory({ ...history, ...change(history) });
  };

  test("a write that took effect before it began", async () => {
    const violations = await changed(({ writes }) => ({
      writes: writes.map((write) => (write.expected === 5 ? { ...write, begun: 1e6, ended: 2e6 } : write)),
    }));
    expect(violations.some((violation) => violation.startsWith("version went back"))).toBe(true);
  });

  test("a transition that keeps the wrong releases", async () => {
    const violations = await changed(({ writes, reads }) => ({
      writes: writes.map((write) => (write.expected === 5 ? { ...write, fingerprint: "other" } : write)),
      reads: reads.filter(({ version }) => version !== 6),
    }));
    expect(violations.some((violation) => violation.startsWith("wrong releases"))).toBe(true);
  });

  test("a version that nobody wrote", async () => {
    const violations = await changed(({ writes, reads }) => ({
      writes: writes.filter(({ expected }) => expected !== 5),
      reads: reads.filter(({ version }) => version !== 6),
    }));
    expect(violations.some((violation) => violation.startsWith("missing link"))).toBe(true);
  });

  test("a caller who is told the wrong release before", async () => {
    const violations = await changed(({ results }) => ({
      results: results.map((result, index) => (index === 9 ? { ...result, previous: "other" } : result)),
    }));
    expect(violations.some((violation) => violation.startsWith("wrong result"))).toBe(true);
  });

  test("an error that is not promised", async () => {
    expect(await changed(() => ({ defects: ["a crash"] }))).toEqual(["a crash"]);
  });
});
