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
    // Belongs to the type and not to the status (RFC 9457 3.1.3), which can be set to another one.
    title: "Service Unavailable",
    status,
    detail: message,
    retryAfter,
  };
}
