import type { PageCause } from "./ports.ts";

/** The page's status: 400 to 599, or `original`, the one that the app sent. */
export type StatusCode = number | "original";

/** Service Unavailable: RFC 9110 section 15.6.4. */
export const unavailable = 503;

/**
 * The status that a page goes out with.
 *
 * @param failed The status that the app sent. Left out: it was not asked, or nobody knows.
 */
export function pageStatus(statusCode: StatusCode, cause: PageCause, failed: number | undefined): number {
  if (statusCode !== "original") return statusCode;
  return cause === "closed" ? unavailable : (failed ?? unavailable);
}
