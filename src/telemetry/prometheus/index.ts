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

/** A `prom-client` registry. */
export interface PrometheusRegister {
  registerMetric(metric: unknown): void;
  removeSingleMetric(name: string): void;
}

interface Configuration {
  readonly name: string;
  readonly help: string;
  /** None: each metric is registered separately, where the caller wants it. */
  readonly registers: never[];
}

/** The parts of the package `prom-client`, 15 or newer, used here. */
export interface PrometheusClient {
  readonly register: PrometheusRegister;
  readonly Counter: new (configuration: Configuration & { readonly labelNames: string[] }) => {
    inc(labels: Labels, value: number): void;
  };
  readonly Gauge: new (configuration: Configuration & { readonly collect: () => void }) => {
    set(value: number): void;
    remove(): void;
  };
  readonly Histogram: new (configuration: Configuration & { readonly buckets: number[] }) => {
    observe(value: number): void;
  };
}

export interface PrometheusOptions {
  readonly client: PrometheusClient;
  /** @default the client's own */
  readonly register?: PrometheusRegister | undefined;
}

/**
 * Registers an intermission's metrics with `prom-client` and updates them until the returned function is
 * called, which removes them. A registry takes one intermission.
 *
 * @throws Error if the registry already has a metric of that name. Then it is left unchanged.
 */
export function collectMetrics(
  intermission: Pick<Intermission, "listen" | "health">,
  { client, register = client.register }: PrometheusOptions,
): () => void {
  const registered: string[] = [];

  function registerMetric<Made>(name: string, metric: Made): Made {
    register.registerMetric(metric);
    registered.push(name);
    return metric;
  }

  function unregister(): void {
    for (const name of registered.splice(0)) register.removeSingleMetric(name);
  }

  function registerAll(): () => void {
    const counters = new Map(
      [maskedErrors, observedErrors, errors, closedRequests].map((metric) => {
        const { name, help, labels } = metric;
        const counter = new client.Counter({ name, help, labelNames: [...labels], registers: [] });
        return [metric, registerMetric(name, counter)];
      }),
    );
    const { name, help, buckets } = wait;
    const histogram = registerMetric(
      name,
      new client.Histogram({ name, help, buckets: [...buckets], registers: [] }),
    );
    for (const { name, help, value } of gauges) {
      const collect = (): void => {
        const known = value(intermission.health());
        if (known === undefined) gauge.remove();
        else gauge.set(known);
      };
      const gauge = registerMetric(name, new client.Gauge({ name, help, collect, registers: [] }));
    }
    return count(intermission, {
      count: (metric, by, labels) => counters.get(metric)?.inc(labels, by),
      observe: (_, seconds) => {
        histogram.observe(seconds);
      },
    });
  }

  try {
    const stop = registerAll();
    return () => {
      stop();
      unregister();
    };
  } catch (error) {
    unregister();
    throw error;
  }
}
