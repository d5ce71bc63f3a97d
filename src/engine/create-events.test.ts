import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IntermissionEvent } from "../core/events.ts";
import type { Intermission } from "../core/intermission.ts";
import type { IntermissionOptions, Warning } from "../core/settings/options.ts";
import type { Store } from "../core/ports.ts";
import { maskOne } from "../../test/support/failed-answer.ts";
import { createIntermission, createEvents } from "./create.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";

let clock: FakeClock;
let warnings: Warning[];
const open: Intermission[] = [];

function create(options: IntermissionOptions): Intermission {
  const intermission = createIntermission(
    {
      logger: { warn: () => undefined, error: () => undefined },
      onWarning: (warning) => warnings.push(warning),
      ...options,
    },
    { environment: {}, clock },
  );
  open.push(intermission);
  return intermission;
}

/** A store that can be taken down, without push. */
function fragile(store: Store): Store & { down: boolean } {
  const made = {
    down: false,
    read: async (app: string, knownVersion?: number) => {
      if (made.down) throw new Error("connection refused");
      return store.read(app, knownVersion);
    },
    write: store.write.bind(store),
    close: () => store.close(),
  };
  return made;
}

beforeEach(() => {
  clock = createFakeClock();
  warnings = [];
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((intermission) => intermission.close()));
});

describe("a listener", () => {
  test("hears of verdicts, masked errors and closed requests", async () => {
    const intermission = create({ store: memoryStore(), release: "v1.0" });
    await intermission.ready();
    await intermission.createRelease("v1.1", { wait: false });
    const heard: IntermissionEvent[] = [];
    const stop = intermission.listen((event) => heard.push(event));

    expect(await maskOne(intermission, { status: 502 })).toBe(true);
    await intermission.switchOn({ mode: "closed", wait: false });
    expect(await intermission.gate({ path: "/", request: {} })).toBe("closed");
    stop();
    await intermission.decide();
    await intermission.gate({ path: "/", request: {} });

    expect(heard).toEqual([
      { kind: "judged", verdict: "maintenance", reason: "release-mismatch", status: 502, waited: 0 },
      {
        kind: "masked",
        masked: {
          ...{ status: 502, method: "GET", path: "/", reason: "release-mismatch", request: undefined },
          ...{ instanceRelease: "v1.0", currentRelease: "v1.1" },
        },
      },
      { kind: "closed" },
    ]);
  });

  test("hears nothing of what is no server error", async () => {
    const intermission = create({ store: memoryStore(), release: "v1.0" });
    const heard: IntermissionEvent[] = [];
    intermission.listen((event) => heard.push(event));
    expect(await intermission.decide({ status: 404 })).toMatchObject({ reason: "exempt" });
    expect(heard).toEqual([]);
  });

  test("hears how long an error waited for a store that is slow", async () => {
    const store = memoryStore();
    let hang = false;
    const intermission = create({
      store: {
        read: (app) => (hang ? new Promise(() => undefined) : store.read(app)),
        write: store.write.bind(store),
        close: () => store.close(),
      },
      release: "v1.0",
    });
    await intermission.ready();
    await intermission.createRelease("v1.0", { wait: false });
    const waits: number[] = [];
    intermission.listen((event) => event.kind === "judged" && waits.push(event.waited));
    await clock.advance(2000);
    hang = true;
    const verdict = intermission.decide();
    await clock.advance(250);
    expect(await verdict).toEqual({ verdict: "regular", reason: "release-match" });
    expect(waits).toEqual([250]);
  });

  test("that throws is warned of, and the verdict is what it was", async () => {
    const intermission = create({ store: memoryStore(), release: "v1.0", mode: true });
    await intermission.ready();
    intermission.listen(() => {
      throw new Error("no disk left");
    });
    expect(await intermission.decide()).toEqual({ verdict: "maintenance", reason: "manual" });
    expect(warnings).toEqual([
      expect.objectContaining({
        code: "callback-failed",
        message: "A listener threw an error and was ignored: no disk left.",
      }),
    ]);
  });
});

describe("the health", () => {
  const unknown = {
    storeUp: undefined,
    snapshotAge: undefined,
    releaseMatches: undefined,
    mismatchFor: undefined,
  };

  test("is unknown before the first read has ended", async () => {
    const intermission = create({ store: memoryStore(), release: "v1.0" });
    expect(intermission.health()).toEqual(unknown);
    await intermission.ready();
    expect(intermission.health()).toEqual({ ...unknown, storeUp: true, snapshotAge: 0 });
  });

  test("says whether the release is the current one", async () => {
    const store = memoryStore();
    const instances = ["v1.0", "v1.1"].map((release) => create({ store, release }));
    const [old, current] = instances as [Intermission, Intermission];
    await Promise.all(instances.map((intermission) => intermission.ready()));
    await current.createRelease("v1.1", { wait: false });
    await clock.advance(11_000);
    expect(instances.map((intermission) => intermission.health().releaseMatches)).toEqual([false, true]);
    await old.createRelease("v1.2", { wait: false });
    await clock.advance(11_000);
    expect(instances.map((intermission) => intermission.health().releaseMatches)).toEqual([false, false]);
  });

  test("says when the store went down, how old the knowledge is meanwhile, and when it is back", async () => {
    const store = fragile(memoryStore());
    const intermission = create({ store, release: "v1.0", refreshEvery: 10_000 });
    await intermission.ready();
    store.down = true;
    await clock.advance(60_000);
    expect(intermission.health()).toEqual({ ...unknown, storeUp: false, snapshotAge: 60_000 });
    store.down = false;
    await clock.advance(2000);
    const { storeUp, snapshotAge } = intermission.health();
    expect(storeUp).toBe(true);
    expect(snapshotAge).toBeLessThan(2000);
  });

  test("of a store that was never reached has no age", async () => {
    const store = fragile(memoryStore());
    store.down = true;
    const intermission = create({ store, release: "v1.0" });
    await intermission.ready();
    expect(intermission.health()).toEqual({ ...unknown, storeUp: false });
  });
});

function setUp() {
  const failures: unknown[] = [];
  const events = createEvents((error) => failures.push(error));
  const heard: IntermissionEvent[] = [];
  return { failures, events, heard, hear: (event: IntermissionEvent) => void heard.push(event) };
}

describe("a listener", () => {
  test("that throws harms neither the others nor who tells", () => {
    const { events, failures, heard, hear } = setUp();
    const error = new Error("no disk left");
    events.listen(() => {
      throw error;
    });
    events.listen(hear);
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(1);
    expect(failures).toEqual([error]);
  });

  test("that is asynchronous leaves no rejection behind", async () => {
    const { events, failures } = setUp();
    const error = new Error("no network");
    const rejects = async (): Promise<void> => {
      throw error;
    };
    events.listen(rejects);
    events.emit({ kind: "closed" });
    await Promise.resolve();
    expect(failures).toEqual([error]);
  });

  test("that listens twice is told twice, and each is ended by itself", () => {
    const { events, heard, hear } = setUp();
    const first = events.listen(hear);
    const second = events.listen(hear);
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(2);
    first();
    first();
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(3);
    second();
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(3);
  });

  test("may stop, and start others, while it is told", () => {
    const { events, heard, hear } = setUp();
    const stop = events.listen(() => {
      stop();
      events.listen(hear);
    });
    events.emit({ kind: "closed" });
    expect(heard).toEqual([]);
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(1);
  });
});
