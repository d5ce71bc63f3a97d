import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Intermission } from "../../core/intermission.ts";
import { maskOne } from "../../../test/support/failed-answer.ts";
import { createIntermission } from "../../engine/create.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../../testing/fake-clock.ts";
import { collectMetrics } from "./index.ts";

/** Reads on demand. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

let clock: FakeClock;
let intermission: Intermission;
let reader: Reader;
let provider: MeterProvider;

beforeEach(async () => {
  clock = createFakeClock();
  reader = new Reader();
  provider = new MeterProvider({ readers: [reader] });
  const logger = { warn: () => undefined, error: () => undefined };
  const options = { store: memoryStore(), release: "v1.0", logger };
  intermission = createIntermission(options, { environment: {}, clock });
  await intermission.ready();
});
afterEach(async () => {
  await intermission.close();
  await provider.shutdown();
});

interface Sample {
  readonly attributes: object;
  readonly value: unknown;
}

/** Samples by metric name. */
async function samples(): Promise<Readonly<Record<string, readonly Sample[]>>> {
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  return Object.fromEntries(
    metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints.map(({ attributes, value }) => ({ attributes, value })),
    ]),
  );
}

describe("collectMetrics", () => {
  test("measures what happens", async () => {
    collectMetrics(intermission, { meter: provider.getMeter("test") });
    await intermission.createRelease("v1.1", { wait: false });
    await maskOne(intermission, { status: 502 });
    await maskOne(intermission, { status: 502 });
    await intermission.switchOn({ mode: "closed", wait: false });
    await intermission.gate({ path: "/", request: {} });
    await clock.advance(500);

    const found = await samples();
    expect(found["intermission_errors_total"]).toEqual([
      { attributes: { verdict: "maintenance", reason: "release-mismatch" }, value: 2 },
    ]);
    expect(found["intermission_masked_errors_total"]).toContainEqual({
      attributes: { reason: "release-mismatch", status: 502 },
      value: 2,
    });
    expect(found["intermission_closed_requests_total"]).toEqual([{ attributes: {}, value: 1 }]);
    expect(found["intermission_wait_seconds"]).toEqual([
      {
        attributes: {},
        value: expect.objectContaining({
          count: 2,
          buckets: expect.objectContaining({
            boundaries: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
          }),
        }),
      },
    ]);
    expect(found["intermission_release_match"]).toEqual([{ attributes: {}, value: 0 }]);
    expect(found["intermission_snapshot_age_seconds"]).toEqual([{ attributes: {}, value: 0.5 }]);
    expect(found["intermission_store_up"]).toEqual([{ attributes: {}, value: 1 }]);
  });

  test("leaves out what is unknown", async () => {
    collectMetrics(intermission, { meter: provider.getMeter("test") });
    expect((await samples())["intermission_release_match"] ?? []).toEqual([]);
  });

  test("measures nothing more once it is stopped", async () => {
    const stop = collectMetrics(intermission, { meter: provider.getMeter("test") });
    stop();
    await intermission.decide();
    const found = await samples();
    expect(found["intermission_errors_total"] ?? []).toEqual([]);
    expect(found["intermission_store_up"] ?? []).toEqual([]);
  });
});
