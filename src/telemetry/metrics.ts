import type { IntermissionEvent } from "../core/events.ts";
import type { Health, Intermission } from "../core/intermission.ts";

export type Labels = Readonly<Record<string, string | number>>;

/** A metric, with the same name in all telemetry. */
export interface Metric {
  readonly name: string;
  readonly help: string;
}

export interface CounterMetric extends Metric {
  readonly labels: readonly string[];
}

export interface GaugeMetric extends Metric {
  /** Undefined: unknown, so there is no value. */
  value(health: Health): number | undefined;
}

export interface HistogramMetric extends Metric {
  readonly buckets: readonly number[];
}

export const maskedErrors: CounterMetric = {
  name: "intermission_masked_errors_total",
  help: "Server errors in whose place the page was sent, by the reason and by the status that the app had meant.",
  labels: ["reason", "status"],
};

export const observedErrors: CounterMetric = {
  name: "intermission_observed_errors_total",
  help: "Server errors in whose place the page would have been sent, if the instance did more than observe.",
  labels: ["reason", "status"],
};

export const errors: CounterMetric = {
  name: "intermission_errors_total",
  help: "Server errors that were judged, by the verdict and its reason.",
  labels: ["verdict", "reason"],
};

export const closedRequests: CounterMetric = {
  name: "intermission_closed_requests_total",
  help: "Requests that got the page without the app being asked, while the site was closed.",
  labels: [],
};

/** The wait for the store is at most `readTimeout`: 250 ms by default. */
export const wait: HistogramMetric = {
  name: "intermission_wait_seconds",
  help: "How long a server error waited for its verdict.",
  buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
};

export const gauges: readonly GaugeMetric[] = [
  {
    name: "intermission_release_match",
    help: "1: this instance runs the current release. 0: it does not. Absent: one of the two is unknown.",
    value: ({ releaseMatches }) => (releaseMatches === undefined ? undefined : Number(releaseMatches)),
  },
  {
    name: "intermission_mismatch_seconds",
    help: "For how long this instance has not run the current release. 0: it runs it. Absent: one of the two is unknown.",
    value: ({ mismatchFor }) => (mismatchFor === undefined ? undefined : mismatchFor / 1000),
  },
  {
    name: "intermission_snapshot_age_seconds",
    help: "Age of what this instance knows of the store. Absent: it knows nothing yet.",
    value: ({ snapshotAge }) => (snapshotAge === undefined ? undefined : snapshotAge / 1000),
  },
  {
    name: "intermission_store_up",
    help: "1: the last read of the store succeeded. 0: it failed. Absent: none has ended yet.",
    value: ({ storeUp }) => (storeUp === undefined ? undefined : Number(storeUp)),
  },
];

/** Counters for any telemetry. */
export interface Meters {
  count(metric: CounterMetric, by: number, labels: Labels): void;
  observe(metric: HistogramMetric, value: number): void;
}

/** Counts what happens until the returned function is called. */
export function count(intermission: Pick<Intermission, "listen">, meters: Meters): () => void {
  // Created at once: a counter that appears with its first error hides it, because going from nothing to 1 is
  // no increase.
  for (const reason of ["manual", "release-mismatch", "deploy-open"]) {
    meters.count(maskedErrors, 0, { reason, status: 500 });
    meters.count(observedErrors, 0, { reason, status: 500 });
  }
  meters.count(closedRequests, 0, {});

  return intermission.listen((event: IntermissionEvent) => {
    switch (event.kind) {
      case "judged":
        meters.count(errors, 1, { verdict: event.verdict, reason: event.reason });
        meters.observe(wait, event.waited / 1000);
        break;
      case "masked": {
        const { observed, reason, status } = event.masked;
        meters.count(observed === true ? observedErrors : maskedErrors, 1, { reason, status });
        break;
      }
      case "closed":
        meters.count(closedRequests, 1, {});
        break;
    }
  });
}
