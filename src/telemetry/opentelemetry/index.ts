import type { Intermission } from "../../core/intermission.ts";
import {
  closedRequests,
  count,
  errors,
  gauges,
  maskedErrors,
  observedErrors,
  wait,
  type Labels,
} from "../metrics.ts";

interface Description {
  description: string;
}

type Observe = (result: { observe(value: number): void }) => void;

/** The parts of an `@opentelemetry/api` meter, 1.9 or newer, used here. */
export interface OpenTelemetryMeter {
  createCounter(name: string, options: Description): { add(value: number, attributes: Labels): void };
  createHistogram(
    name: string,
    options: Description & { unit: string; advice: { explicitBucketBoundaries: number[] } },
  ): { record(value: number): void };
  createObservableGauge(
    name: string,
    options: Description,
  ): { addCallback(observe: Observe): void; removeCallback(observe: Observe): void };
}

export interface OpenTelemetryOptions {
  /** Such as `metrics.getMeter("shop")`. */
  readonly meter: OpenTelemetryMeter;
}

/**
 * Measures an intermission with an OpenTelemetry meter until the returned function is called. The metrics
 * have the same names as in Prometheus, so that the same alerts and dashboard fit.
 */
export function collectMetrics(
  intermission: Pick<Intermission, "listen" | "health">,
  { meter }: OpenTelemetryOptions,
): () => void {
  const counters = new Map(
    [maskedErrors, observedErrors, errors, closedRequests].map((metric) => [
      metric,
      meter.createCounter(metric.name, { description: metric.help }),
    ]),
  );
  const histogram = meter.createHistogram(wait.name, {
    description: wait.help,
    unit: "s",
    advice: { explicitBucketBoundaries: [...wait.buckets] },
  });
  // Without a unit, which exporters to Prometheus would append to the name.
  const observed = gauges.map(({ name, help, value }) => {
    const gauge = meter.createObservableGauge(name, { description: help });
    const observe: Observe = (result) => {
      const known = value(intermission.health());
      if (known !== undefined) result.observe(known);
    };
    gauge.addCallback(observe);
    return { gauge, observe };
  });
  const stop = count(intermission, {
    count: (metric, by, labels) => counters.get(metric)?.add(by, labels),
    observe: (_, seconds) => {
      histogram.record(seconds);
    },
  });
  return () => {
    stop();
    for (const { gauge, observe } of observed) gauge.removeCallback(observe);
  };
}
