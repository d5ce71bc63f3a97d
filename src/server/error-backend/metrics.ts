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
import { histogramSamples, toExposition, type MetricFamily } from "../exposition.ts";

/** The metrics of {@link count} as text. */
export interface Metrics {
  render(): string;
  stop(): void;
}

const intercepting: Metric = {
  name: "intermission_intercepting",
  help: "1: an error that carries no release gets the page. 0: it is regular.",
};

/** @param ask Each is called on each scrape. */
export function createMetrics(
  intermission: Pick<Intermission, "listen" | "health">,
  ask: { readonly isIntercepting: () => boolean; readonly mismatchFor: () => number | undefined },
): Metrics {
  type Series = Map<string, { readonly labels: Labels; value: number }>;
  const counters = new Map<CounterMetric, Series>(
    [maskedErrors, errors, closedRequests].map((metric) => [metric, new Map()]),
  );
  const buckets = wait.buckets.map(() => 0);
  let waits = 0;
  let waited = 0;

  const stop = count(intermission, {
    // Reasons and statuses are few, so the series are too.
    count(metric, by, labels) {
      const series = counters.get(metric);
      const key = JSON.stringify(labels);
      const sample = series?.get(key) ?? { labels, value: 0 };
      sample.value += by;
      series?.set(key, sample);
    },
    observe(_, seconds) {
      waits++;
      waited += seconds;
      for (const [index, limit] of wait.buckets.entries())
        if (seconds <= limit) buckets[index] = (buckets[index] ?? 0) + 1;
    },
  });

  function render(): string {
    // The releases that it hears: it has none of its own.
    const health = { ...intermission.health(), mismatchFor: ask.mismatchFor() };
    return toExposition([
      ...Array.from(counters, ([{ name, help }, series]): MetricFamily => ({
        name,
        help,
        kind: "counter",
        samples: series.values(),
      })),
      {
        name: wait.name,
        help: wait.help,
        kind: "histogram",
        samples: histogramSamples(
          [...wait.buckets, Number.POSITIVE_INFINITY].map((bound, index) => [bound, buckets[index] ?? waits]),
          waited,
        ),
      },
      ...gauges.map(({ name, help, value }): MetricFamily => {
        const known = value(health);
        return { name, help, kind: "gauge", samples: known === undefined ? [] : [{ value: known }] };
      }),
      { ...intercepting, kind: "gauge", samples: [{ value: Number(ask.isIntercepting()) }] },
    ]);
  }

  return { render, stop };
}
