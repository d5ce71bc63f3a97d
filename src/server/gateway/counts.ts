import type { FailureKind } from "./failure.ts";

/** What a gateway has done since it started. */
export interface Counts {
  requests: number;
  /** Upstreams' answers passed on unchanged. */
  passed: number;
  /** Errors that became the page. */
  masked: number;
  /** Errors of an old upstream replaced by another's answer. */
  healed: number;
  /** Requests that had to wait for an upstream. */
  held: number;
  /** Requests that were sent a second time. */
  repeated: number;
  tunnels: number;
  readonly failures: Record<FailureKind, number>;
  /** Answers by the first digit of their status: index 2 counts 200 to 299. */
  readonly statuses: number[];
  /**
   * How many took at most as long as the bound at the same index of {@link durationBounds}; the last: longer.
   */
  readonly durations: number[];
  /** Total milliseconds. */
  duration: number;
  observe(status: number, milliseconds: number): void;
}

/** Milliseconds. */
export const durationBounds = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 60_000];

export function createCounts(): Counts {
  const counts: Counts = {
    requests: 0,
    passed: 0,
    masked: 0,
    healed: 0,
    held: 0,
    repeated: 0,
    tunnels: 0,
    failures: {
      refused: 0,
      broken: 0,
      timeout: 0,
      unreachable: 0,
      invalid: 0,
      misdirected: 0,
      coding: 0,
      large: 0,
      busy: 0,
    },
    statuses: [0, 0, 0, 0, 0, 0],
    durations: new Array<number>(durationBounds.length + 1).fill(0),
    duration: 0,
    observe(status, milliseconds) {
      const digit = Math.min(Math.floor(status / 100), 5);
      counts.statuses[digit] = (counts.statuses[digit] ?? 0) + 1;
      const bound = durationBounds.findIndex((most) => milliseconds <= most);
      const place = bound === -1 ? durationBounds.length : bound;
      counts.durations[place] = (counts.durations[place] ?? 0) + 1;
      counts.duration += milliseconds;
    },
  };
  return counts;
}

type Numbers = Omit<Counts, "observe">;

/** Sums up two workers. */
export function addCounts(one: Numbers, other: Numbers): Numbers {
  const add = (a: readonly number[], b: readonly number[]): number[] =>
    a.map((value, index) => value + (b[index] ?? 0));
  const failures = { ...one.failures };
  for (const kind of Object.keys(failures) as FailureKind[]) failures[kind] += other.failures[kind];
  return {
    requests: one.requests + other.requests,
    passed: one.passed + other.passed,
    masked: one.masked + other.masked,
    healed: one.healed + other.healed,
    held: one.held + other.held,
    repeated: one.repeated + other.repeated,
    tunnels: one.tunnels + other.tunnels,
    failures,
    statuses: add(one.statuses, other.statuses),
    durations: add(one.durations, other.durations),
    duration: one.duration + other.duration,
  };
}
