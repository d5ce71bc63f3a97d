import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { IntermissionError } from "../core/errors.ts";
import type { IntermissionOptions, Warning } from "../core/settings/options.ts";
import type { ReportStore, Store } from "../core/ports.ts";
import type { Intermission } from "../core/intermission.ts";
import { maskOne } from "../../test/support/failed-answer.ts";
import { createIntermission } from "../engine/create.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";
import { decodeReport, type InstanceReport } from "./report.ts";

const minute = 60_000;

interface Put {
  readonly id: string;
  readonly at: number;
  readonly keepFor: number;
  readonly report: InstanceReport;
}

let clock: FakeClock;
let warnings: Warning[];
let puts: Put[];
let answer: () => Promise<void>;
const open: Intermission[] = [];

/** A memory store that records what is put, and answers as the test says. */
function notingStore(): Store {
  const store = memoryStore();
  const reports: ReportStore = {
    async put(_app, id, value, keepFor) {
      const report = decodeReport(value);
      if (report === undefined) throw new Error("no report");
      puts.push({ id, at: clock.now(), keepFor, report });
      await answer();
    },
    list: async () => ({ now: clock.now(), reports: [] }),
  };
  return { ...store, reports };
}

async function start(
  options: IntermissionOptions = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Intermission> {
  const intermission = createIntermission(
    {
      ...{ store: notingStore(), release: "v1", mode: true, logger: { warn: () => {}, error: () => {} } },
      onWarning: (warning) => warnings.push(warning),
      ...options,
    },
    { environment, clock },
  );
  open.push(intermission);
  await intermission.ready();
  await intermission.createRelease("v1", { wait: false });
  return intermission;
}

function mask(intermission: Intermission, path = "/"): void {
  void maskOne(intermission, { path });
}

beforeEach(() => {
  clock = createFakeClock();
  warnings = [];
  puts = [];
  answer = async () => {};
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((intermission) => intermission.close()));
});

test("an instance reports itself soon after its start, and then at most once in 15 s", async () => {
  await start();
  const begun = clock.now();
  await clock.advance(5 * minute);
  const gaps = puts.map(({ at }, index) => at - (index === 0 ? begun : (puts[index - 1]?.at ?? 0)));
  expect(gaps[0]).toBeGreaterThanOrEqual(1000);
  expect(gaps[0]).toBeLessThanOrEqual(3000);
  expect(gaps.length).toBeGreaterThan(15);
  for (const gap of gaps.slice(1)) {
    expect(gap).toBeGreaterThanOrEqual(15_000);
    expect(gap).toBeLessThanOrEqual(16_500);
  }
  expect(new Set(puts.map(({ id }) => id)).size).toBe(1);
});

test("a report says who it is, and is kept until a silent instance counts as gone", async () => {
  await start();
  await clock.advance(3000);
  expect(puts[0]?.report).toMatchObject({ release: "v1", pid: process.pid, stopped: false, masked: [] });
  expect(puts[0]?.report.name).toBe(`${puts[0]?.report.host ?? ""}-${String(process.pid)}`);
  expect(puts[0]?.keepFor).toBeGreaterThanOrEqual(minute);
  expect(puts[0]?.keepFor).toBeLessThanOrEqual(2 * minute);
});

test("the name is the option's, else the variable's", async () => {
  await start({ instance: "web-1" }, { MAINTENANCE_INSTANCE: "web-2" });
  await start({}, { MAINTENANCE_INSTANCE: " web-3 " });
  await clock.advance(3000);
  expect(puts.map(({ report }) => report.name).toSorted()).toEqual(["web-1", "web-3"]);
});

test("a report says when errors were masked, and when they stayed regular", async () => {
  const intermission = await start({ mode: false, skip: (request) => request === "health" });
  const regular = (request?: string): Promise<boolean> => maskOne(intermission, { request });
  await regular();
  await regular("health");
  await regular();
  await intermission.createRelease("v2", { wait: false });
  await maskOne(intermission);
  await clock.advance(20_000);
  const { maskedSteps = [], regularSteps = [] } = puts.at(-1)?.report ?? {};
  const total = (steps: readonly { count: number }[]): number =>
    steps.reduce((sum, { count }) => sum + count, 0);
  expect([total(maskedSteps), total(regularSteps)]).toEqual([1, 2]);
  expect(Math.abs((maskedSteps[0]?.at ?? 0) - Date.now())).toBeLessThan(minute);
});

test("an instance that is behind is remembered for a day, so that a deploy's page knows whom it replaced", async () => {
  const intermission = await start({ mode: false });
  await clock.advance(3000);
  await intermission.createRelease("v2", { wait: false });
  await clock.advance(20_000);
  expect(puts.at(-1)?.keepFor).toBe(24 * 60 * minute);
  await intermission.close();
  expect(puts.at(-1)).toMatchObject({ keepFor: 24 * 60 * minute, report: { stopped: true } });
});

test("masked errors are in each report from then on, which is kept for 30 days", async () => {
  const intermission = await start();
  for (let count = 0; count < 3; count++) mask(intermission, "/orders/17");
  await clock.advance(3000);
  mask(intermission, "/orders/18");
  await clock.advance(20_000);
  expect(puts.map(({ report }) => report.masked.map(({ count }) => count))).toEqual([[3], [4]]);
  expect(puts[1]?.report.masked[0]).toMatchObject({ release: "v1", status: 500, route: "/orders" });
  expect(puts[1]?.keepFor).toBe(30 * 24 * 60 * minute);
});

test("the last report is put when it is closed, with everything in it, and none after", async () => {
  const intermission = await start();
  await clock.advance(3000);
  mask(intermission);
  await Promise.all([intermission.close(), intermission.close()]);
  await clock.advance(minute);
  expect(puts.map(({ report }) => report.stopped)).toEqual([false, true]);
  expect(puts[1]?.report.masked).toMatchObject([{ count: 1 }]);
});

test("an instance that ends before it had anything to say says nothing", async () => {
  const intermission = await start();
  await intermission.close();
  expect(puts).toEqual([]);
});

describe("nothing is put", () => {
  test.each<[string, IntermissionOptions, Readonly<Record<string, string>>]>([
    ["with the option report: false", { report: false }, {}],
    ["with MAINTENANCE_REPORT=false", {}, { MAINTENANCE_REPORT: "false" }],
  ])("%s", async (_, options, environment) => {
    const intermission = await start(options, environment);
    mask(intermission);
    await clock.advance(minute);
    await intermission.close();
    expect(puts).toEqual([]);
  });

  test("by a command, which does not watch", async () => {
    const command = createIntermission({ store: notingStore() }, { environment: {}, clock, watching: false });
    await command.createRelease("v1", { wait: false });
    await clock.advance(minute);
    await command.close();
    expect(puts).toEqual([]);
  });

  test("before anything is recorded", async () => {
    const intermission = createIntermission(
      { store: notingStore(), release: "v1" },
      { environment: {}, clock },
    );
    open.push(intermission);
    await intermission.ready();
    await clock.advance(minute);
    expect(puts).toEqual([]);
    await intermission.createRelease("v1", { wait: false });
    await clock.advance(3000);
    expect(puts).toHaveLength(1);
  });
});

describe("a store", () => {
  test("that denies it is asked once, and there is one warning", async () => {
    answer = async () => {
      throw new IntermissionError("store-denied", { problem: "No right" });
    };
    const intermission = await start();
    await clock.advance(10 * minute);
    mask(intermission);
    await intermission.close();
    expect(puts).toHaveLength(1);
    expect(warnings.map(({ code }) => code)).toEqual(["report-failed"]);
    expect(warnings[0]?.message).toContain("No right");
  });

  test("that fails is asked again, with one warning when it goes on failing, and nothing is lost", async () => {
    answer = async () => {
      throw new Error("disk full");
    };
    const intermission = await start();
    mask(intermission);
    await clock.advance(25_000);
    expect(warnings).toEqual([]);
    await clock.advance(5 * minute);
    expect(warnings.map(({ code }) => code)).toEqual(["report-failed"]);
    const tried = puts.length;
    expect(tried).toBeGreaterThan(15);
    answer = async () => {};
    mask(intermission);
    await clock.advance(16_500);
    expect(puts.at(-1)?.report.masked).toMatchObject([{ count: 2 }]);
    await intermission.close();
    expect(puts.at(-1)?.report.stopped).toBe(true);
  });

  test("that never answers keeps nobody from closing for more than a second", async () => {
    const intermission = await start();
    await clock.advance(3000);
    answer = () => new Promise(() => {});
    let closed = false;
    const closing = intermission.close().then(() => (closed = true));
    await clock.advance(999);
    expect(closed).toBe(false);
    await clock.advance(1);
    await closing;
  });

  test("without reports is as good as ever", async () => {
    const { read, write, close } = memoryStore();
    const intermission = await start({ store: { read, write, close } });
    mask(intermission);
    await clock.advance(minute);
    await intermission.close();
    expect(warnings).toEqual([]);
  });
});

test("no timer of it keeps a process alive", async () => {
  await start();
  await clock.advance(20_000);
  expect(clock.referenced).toBe(0);
});

test("a runtime without timers, processes and random numbers is no reason to throw", async () => {
  const broken = {
    ...clock,
    after: () => {
      throw new Error("no timers here");
    },
  };
  const { createReporter } = await import("./reporter.ts");
  const reporter = createReporter({
    reports: { put: async () => {}, list: async () => ({ now: 0, reports: [] }) },
    ...{
      app: "app",
      clock: broken,
      startedAt: 0,
      storeOffset: () => 0,
      isBehind: () => false,
      isRecorded: () => true,
    },
    ...{ name: undefined, release: () => undefined, observing: false, onFailure: () => {} },
  });
  reporter.count({
    status: 500,
    method: "GET",
    path: "/",
    reason: "manual",
    request: undefined,
    instanceRelease: undefined,
    currentRelease: undefined,
  });
  await reporter.close().catch(() => {
    throw new Error("rejected");
  });
});
