/*
 * What both sides of the HTTP store know. docs/stores.md describes it for those who write a side of their own.
 */

/** The last part of the path. */
export type Resource = "record" | "reports";

/** No record comes near it, nor a report. Bytes of JSON. */
export const maximumBodyBytes = 1_048_576;

/** For the answer with all reports of an app. */
export const maximumListBytes = 33_554_432;

/** UTF-8 would need more than JSON gains by it: `token68` of RFC 9110 section 11.2, which a header takes as it is. */
const tokenPattern = /^[A-Za-z0-9\-._~+/]{16,512}={0,2}$/;

export const expectedToken =
  "at least 16 characters of letters, digits and - . _ ~ + /, such as `openssl rand -hex 32` prints";

export function isToken(value: unknown): value is string {
  return typeof value === "string" && tokenPattern.test(value);
}

/** The body of `POST record`. */
export interface WriteBody {
  readonly value: string;
  readonly expectedVersion: number;
  readonly currentRelease?: string;
}

/** The body of `PUT reports`. */
export interface PutBody {
  readonly value: string;
  /** Milliseconds. */
  readonly keepFor: number;
}
