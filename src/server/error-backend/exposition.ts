import type { Intermission } from "../../core/intermission.ts";
import {
  closedRequests,
  count,
  errors,
  gauges,
  maskedErrors,
  wait,
  type CounterMetric,
  type Labels,
  type Metric,
} from "../../telemetry/metrics.ts";

/** The metrics of {@link count} as text: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface Exposition {
  render(): string;
  stop(): void;
}

export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

const intercepting: Metric = {
  name: "intermission_intercepting",
  help: "1: an error that carries no release gets the page. 0: it is regular.",
};

/** @param isIntercepting Asked with each scrape. */
export function createExposition(
  intermission: Pick<Intermission, "listen" | "health">,
  isIntercepting: () => boolean,
): Exposition {
  const counters = new Map<CounterMetric, Map<string, number>>(
    [maskedErrors, errors, closedRequests].map((metric) => [metric, new Map<string, number>()]),
  );
  const buckets = wait.buckets.map(() => 0);
  let waits = 0;
  let waited = 0;

  const stop = count(intermission, {
    // Reasons and statuses are few, so that the series are.
    count(metric, by, labels) {
      const series = counters.get(metric);
      const key = toLabels(labels);
      series?.set(key, (series.get(key) ?? 0) + by);
    },
    observe(_, seconds) {
      waits++;
      waited += seconds;
      for (const [index, limit] of wait.buckets.entries())
        if (seconds <= limit) buckets[index] = (buckets[index] ?? 0) + 1;
    },
  });

  function render(): string {
    const lines: string[] = [];
    const add = (metric: Metric, kind: string, samples: Iterable<readonly [string, number]>): void => {
      lines.push(`# HELP ${metric.name} ${metric.help}`, `# TYPE ${metric.name} ${kind}`);
      for (const [suffix, value] of samples) lines.push(`${metric.name}${suffix} ${String(value)}`);
    };
    for (const [metric, series] of counters) add(metric, "counter", series);
    add(wait, "histogram", [
      ...wait.buckets.map((limit, index) => [`_bucket{le="${String(limit)}"}`, buckets[index] ?? 0] as const),
      ['_bucket{le="+Inf"}', waits],
      ["_sum", waited],
      ["_count", waits],
    ]);
    const health = intermission.health();
    for (const gauge of gauges) {
      const value = gauge.value(health);
      add(gauge, "gauge", value === undefined ? [] : [["", value]]);
    }
    add(intercepting, "gauge", [["", Number(isIntercepting())]]);
    return `${lines.join("\n")}\n`;
  }

  return { render, stop };
}

/** No value of ours has a quote, a backslash or a line break in it. */
function toLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${String(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
