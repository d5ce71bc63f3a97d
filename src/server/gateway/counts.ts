import type { FailureKind } from "./failure.ts";

/** What a gateway has done since its start. */
export interface Counts {
  requests: number;
  /** Answers of upstreams that were passed on as they were. */
  passed: number;
  /** Errors that became the page. */
  masked: number;
  /** Requests that had to wait for an upstream. */
  held: number;
  /** Requests that were sent a second time. */
  repeated: number;
  tunnels: number;
  readonly failures: Record<FailureKind, number>;
}

export function createCounts(): Counts {
  return {
    requests: 0,
    passed: 0,
    masked: 0,
    held: 0,
    repeated: 0,
    tunnels: 0,
    failures: { refused: 0, broken: 0, timeout: 0, unreachable: 0, invalid: 0 },
  };
}
