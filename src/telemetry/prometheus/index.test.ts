import client from "prom-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Intermission } from "../../core/intermission.ts";
import { maskOne } from "../../../test/support/failed-answer.ts";
import { createIntermission } from "../../engine/create.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../../testing/fake-clock.ts";
import { collectMetrics } from "./index.ts";

const logger = { warn: () => undefined, error: () => undefined };

let clock: FakeClock;
let intermission: Intermission;
let register: client.Registry;

beforeEach(async () => {
  clock = createFakeClock();
  register = new client.Registry();
  const options = { store: memoryStore(), release: "v1.0", logger };
  intermission = createIntermission(options, { environment: {}, clock });
  await intermission.ready();
});
afterEach(() => intermission.close());

/** The samples without comments. */
async function samples(): Promise<readonly string[]> {
  return (await register.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("collectMetrics", () => {
  test("counts what happens", async () => {
    collectMetrics(intermission, { client, register });
    await intermission.createRelease("v1.1", { wait: false });
    await maskOne(intermission, { status: 502 });
    await maskOne(intermission, { status: 502 });
    await intermission.switchOn({ mode: "closed", wait: false });
    await intermission.gate({ path: "/", request: {} });

    expect(await samples()).toEqual(
      expect.arrayContaining([
        'intermission_errors_total{verdict="maintenance",reason="release-mismatch"} 2',
        'intermission_masked_errors_total{reason="release-mismatch",status="502"} 2',
        "intermission_closed_requests_total 1",
        'intermission_wait_seconds_bucket{le="0.001"} 2',
        "intermission_wait_seconds_count 2",
        "intermission_release_match 0",
        "intermission_snapshot_age_seconds 0",
        "intermission_store_up 1",
      ]),
    );
  });

  test("counts what an instance only observes apart", async () => {
    const options = { store: memoryStore(), release: "v1.0", mode: true, observe: true, logger };
    const observing = createIntermission(options, { environment: {}, clock });
    collectMetrics(observing, { client, register });
    expect(await maskOne(observing, { status: 502 })).toBe(false);
    expect(await samples()).toContain('intermission_observed_errors_total{reason="manual",status="502"} 1');
    await observing.close();
  });

  test("leaves out what is unknown, and says it once it is known", async () => {
    collectMetrics(intermission, { client, register });
    expect(await samples()).not.toContainEqual(expect.stringContaining("intermission_release_match"));
    await intermission.createRelease("v1.0", { wait: false });
    await clock.advance(3500);
    expect(await samples()).toEqual(
      expect.arrayContaining(["intermission_release_match 1", "intermission_snapshot_age_seconds 3.5"]),
    );
  });

  test("has its counters before the first error, so that it is an increase", async () => {
    collectMetrics(intermission, { client, register });
    expect(await samples()).toEqual(
      expect.arrayContaining([
        'intermission_masked_errors_total{reason="manual",status="500"} 0',
        'intermission_masked_errors_total{reason="release-mismatch",status="500"} 0',
        'intermission_masked_errors_total{reason="deploy-open",status="500"} 0',
        "intermission_closed_requests_total 0",
      ]),
    );
  });

  test("registers with the client's own register, where none is given", () => {
    const stop = collectMetrics(intermission, { client });
    expect(client.register.getSingleMetric("intermission_store_up")).toBeDefined();
    stop();
    expect(client.register.getSingleMetric("intermission_store_up")).toBeUndefined();
  });

  test("leaves nothing behind when it is stopped, and can begin again", async () => {
    collectMetrics(intermission, { client, register })();
    expect(await samples()).toEqual([]);
    collectMetrics(intermission, { client, register });
    await intermission.decide();
    expect(await samples()).toContain("intermission_wait_seconds_count 1");
  });

  test("that finds a name taken throws, and leaves the register as it was", () => {
    const taken = new client.Gauge({ name: "intermission_store_up", help: "mine", registers: [register] });
    expect(() => collectMetrics(intermission, { client, register })).toThrow(/already been registered/);
    expect(register.getMetricsAsArray()).toEqual([taken]);
  });
});
