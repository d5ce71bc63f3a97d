import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import client from "prom-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { maintenancePage } from "../../src/frameworks/node/index.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";
import { collectMetrics as collectForOpenTelemetry } from "../../src/telemetry/opentelemetry/index.ts";
import { collectMetrics } from "../../src/telemetry/prometheus/index.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { listen, visit, type RunningServer } from "../support/http.ts";
import {
  alertExpressions,
  alertsFile,
  alertsTestFile,
  dashboardExpressions,
  namesIn,
  readDashboard,
} from "./expressions.ts";

const promtool = { available: spawnSync("promtool", ["--version"]).status === 0, packageName: "prometheus" };

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A site whose `/broken` fails, on an old release, with both kinds of telemetry. */
const register = new client.Registry();
const reader = new Reader();
const provider = new MeterProvider({ readers: [reader] });
const intermission = createIntermission(
  { store: memoryStore(), release: "v1.0", logger: { warn: () => undefined, error: () => undefined } },
  { environment: {} },
);
let site: RunningServer;

beforeAll(async () => {
  await intermission.ready();
  await intermission.createRelease("v1.1", { wait: false });
  collectMetrics(intermission, { client, register });
  collectForOpenTelemetry(intermission, { meter: provider.getMeter("test") });
  const listener = maintenancePage(
    (request, response) => {
      response.statusCode = request.url === "/broken" ? 502 : 200;
      response.end();
    },
    { intermission },
  );
  site = await listen(listener);

  await visit(`${site.url}/broken`);
  await visit(`${site.url}/broken`);
  await visit(`${site.url}/`);
  await intermission.switchOn({ mode: "closed", wait: false });
  await visit(`${site.url}/`);
  await intermission.switchOff({ wait: false });
});
afterAll(async () => {
  await site.close();
  await intermission.close();
  await provider.shutdown();
});

async function sampleOf(line: string): Promise<string | undefined> {
  const lines = (await register.metrics()).split("\n");
  return lines.find((sample) => sample.startsWith(`${line} `))?.slice(line.length + 1);
}

describe("a site that is measured", () => {
  test.each([
    ['intermission_masked_errors_total{reason="release-mismatch",status="502"}', "2"],
    ['intermission_errors_total{verdict="maintenance",reason="release-mismatch"}', "2"],
    ["intermission_closed_requests_total", "1"],
    ["intermission_wait_seconds_count", "2"],
    ["intermission_release_match", "0"],
    ["intermission_store_up", "1"],
  ])("says %s %s", async (line, value) => {
    expect(await sampleOf(line)).toBe(value);
  });

  test("has the same names for OpenTelemetry as for Prometheus", async () => {
    const { resourceMetrics } = await reader.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const names = register.getMetricsAsArray().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(metrics.map(({ descriptor }) => descriptor.name).sort()).toEqual([...names].sort());
  });
});

/** The names of all series and labels, as a scrape would find them. */
async function exported(): Promise<{ readonly series: Set<string>; readonly labels: Set<string> }> {
  const samples = (await register.metrics()).split("\n").filter((line) => /^\w/.test(line));
  const labels = samples.flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, label]) => label ?? ""));
  return {
    series: new Set(samples.map((line) => /^\w+/.exec(line)?.[0] ?? "")),
    // Prometheus adds these two to everything it scrapes.
    labels: new Set([...labels, "job", "instance"]),
  };
}

describe("the alerts and the dashboard", () => {
  const expressions = [...alertExpressions(), ...dashboardExpressions()];

  test("are there", () => {
    expect(alertExpressions()).toHaveLength(3);
    expect(dashboardExpressions().length).toBeGreaterThanOrEqual(readDashboard().panels.length);
  });

  test.each(expressions)("ask for what is exported: %s", async (expression) => {
    const { series, labels } = await exported();
    const named = namesIn(expression);
    expect(named.metrics.length).toBeGreaterThan(0);
    expect(named.metrics.filter((name) => !series.has(name))).toEqual([]);
    expect(named.labels.filter((name) => !labels.has(name))).toEqual([]);
  });

  test("leave no metric out", async () => {
    const asked = new Set(expressions.flatMap((expression) => namesIn(expression).metrics));
    const unseen = register
      .getMetricsAsArray()
      .filter(({ name }) => ![name, `${name}_bucket`].some((series) => asked.has(series)));
    expect(unseen.map(({ name }) => name)).toEqual([]);
  });

  test("are found out when they ask for anything else", () => {
    const { metrics, labels } = namesIn('sum by (a, b) (rate(some_total{c=~"x", d!="y"}[5m])) / other > 0');
    expect(metrics).toEqual(["some_total", "other"]);
    expect([...labels].sort()).toEqual(["a", "b", "c", "d"]);
  });
});

describe("the dashboard", () => {
  const { panels, templating } = readDashboard();

  test("has panels with ids and titles of their own kind, none over another", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from(
        { length: w * h },
        (_, cell) => `${String(x + (cell % w))},${String(y + Math.floor(cell / w))}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });

  test("uses no variable that it does not have", () => {
    const own = templating.list.map(({ name }) => name);
    const used = [...JSON.stringify(panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? "");
    expect(new Set(used.filter((name) => !name.startsWith("__")))).toEqual(new Set(own));
  });
});

describeWithServer("promtool", promtool, () => {
  /** Its output. Throws if it finds a problem. */
  const run = (...parameters: readonly string[]): string =>
    execFileSync("promtool", parameters, { encoding: "utf8", timeout: 20_000, stdio: "pipe" });

  test("finds no fault with the alerts", () => {
    expect(run("check", "rules", alertsFile)).toContain("3 rules found");
  });

  test("sees the alerts come when they should, and not otherwise", () => {
    expect(run("test", "rules", alertsTestFile)).toContain("SUCCESS");
  });

  test("can read every expression of the dashboard", () => {
    const folder = mkdtempSync(join(tmpdir(), "intermission-dashboard-"));
    try {
      const expressions = dashboardExpressions();
      const file = join(folder, "rules.yml");
      const rules = expressions.map((expr, index) => ({ record: `panel_${String(index)}`, expr }));
      // JSON is YAML.
      writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
      expect(run("check", "rules", file)).toContain(`${String(expressions.length)} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("finds no fault with what is exported", async () => {
    const { status, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: await register.metrics(),
      encoding: "utf8",
      timeout: 20_000,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
