import { problemType } from "../core/problem-type.ts";
import type { Content } from "./format.ts";

/** Problem details: RFC 9457. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Seconds. */
  readonly retryAfter: number;
}

export function toProblemDetails({ status, message, retryAfter }: Content): ProblemDetails {
  return {
    type: problemType,
    // Describes the type, not the status (RFC 9457 3.1.3), which is configurable.
    title: "Service Unavailable",
    status,
    detail: message,
    retryAfter,
  };
}
