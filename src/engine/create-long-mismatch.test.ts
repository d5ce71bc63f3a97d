import { afterEach, beforeEach, expect, test } from "vitest";
import type { Intermission } from "../core/intermission.ts";
import type { IntermissionOptions, Warning } from "../core/settings/options.ts";
import type { Store } from "../core/ports.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";
import { createIntermission } from "./create.ts";

const minute = 60_000;

let clock: FakeClock;
let warnings: Warning[];
const started: Intermission[] = [];

beforeEach(() => {
  clock = createFakeClock({ start: 600 * minute });
  warnings = [];
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((intermission) => intermission.close()));
});

/** Without a clock of its own, so that the instance's counts. */
function store(): Store {
  const { read, write, close } = memoryStore();
  return {
    async read(...parameters) {
      const record = { ...(await read(...parameters)) };
      delete (record as { now?: number }).now;
      return record;
    },
    write,
    close,
  };
}

async function start(options: IntermissionOptions): Promise<Intermission> {
  const logger = { warn: () => undefined, error: () => undefined };
  const onWarning = (warning: Warning): unknown => warnings.push(warning);
  const intermission = createIntermission({ logger, onWarning, ...options }, { environment: {}, clock });
  started.push(intermission);
  await intermission.ready();
  return intermission;
}

/** An old instance, beside which v1.1 has just become current. */
async function startOld(options: IntermissionOptions = {}): Promise<Intermission> {
  const old = await start({ store: store(), release: "v1.0", ...options });
  await old.createRelease("v1.0", { wait: false });
  await old.createRelease("v1.1", { wait: false });
  return old;
}

async function fail(intermission: Intermission): Promise<void> {
  const replacement = await intermission.replacementFor({
    ...{ status: 500, method: "GET", path: "/orders", request: undefined },
    pageRequest: { method: "GET" },
  });
  replacement?.sent();
}

const said = (): readonly Warning[] => warnings.filter(({ code }) => code === "long-mismatch");

test("a mismatch of half an hour is warned about once, with the errors hidden so far, and changes no verdict", async () => {
  const old = await startOld();
  for (let times = 0; times < 3; times++) await fail(old);
  await clock.advance(29 * minute);
  expect(said()).toEqual([]);
  await clock.advance(120 * minute);
  expect(said()).toHaveLength(1);
  expect(said()[0]?.message).toMatch(
    /"v1.0".+"v1.1", for 30 minutes: .+, 3 so far\. .+intermission rollback/,
  );
  expect(await old.decide()).toMatchObject({ verdict: "maintenance", reason: "release-mismatch" });
  expect(old.health().mismatchFor).toBeCloseTo(149 * minute, -5);
});

test("each window counts anew", async () => {
  const old = await startOld();
  await fail(old);
  await clock.advance(31 * minute);
  await old.createRelease("v1.2", { wait: false });
  await clock.advance(29 * minute);
  expect(said()).toHaveLength(1);
  await clock.advance(2 * minute);
  expect(said()).toHaveLength(2);
  expect(said()[1]?.message).toContain("0 so far");
});

test("the current release, and warnAfter: 0, are warned about never", async () => {
  const current = await startOld({ release: "v1.1" });
  const silent = await startOld({ warnAfter: 0 });
  await clock.advance(1000 * minute);
  expect(said()).toEqual([]);
  expect(current.health().mismatchFor).toBe(0);
  expect(silent.health().mismatchFor).toBeGreaterThan(999 * minute);
});

test("an instance whose release was never recorded is behind from its start on", async () => {
  const shared = store();
  const first = await start({ store: shared, release: "v1.0" });
  await first.createRelease("v1.0", { wait: false });
  await clock.advance(300 * minute);
  const canary = await start({ store: shared, release: "v2.0" });
  await clock.advance(29 * minute);
  expect(said()).toEqual([]);
  expect(canary.health().mismatchFor).toBe(29 * minute);
  await clock.advance(2 * minute);
  expect(said()).toHaveLength(1);
});

test("one that only observes, and one whose maximum window has passed, say what is so", async () => {
  await startOld({ observe: true });
  await clock.advance(31 * minute);
  expect(said()[0]?.message).toContain("would be hidden");
  await startOld({ maxWindow: "5m" });
  await clock.advance(31 * minute);
  expect(said()[1]?.message).toContain("0 of its errors were hidden until the maximum window had passed");
});
