import type { IncomingMessage } from "node:http";
import { hopByHop, namedByConnection } from "./hop-by-hop.ts";

/** The head of an upstream's answer, as passed on. */
export interface ResponseHead {
  readonly status: number;
  readonly message: string;
  /** Names and values in turn, in their original spelling. */
  readonly headers: readonly string[];
  /** What it says about the instance's release. */
  readonly release: string | undefined;
  /** It states its body's length. */
  readonly hasLength: boolean;
  readonly hasRequestId: boolean;
  readonly isEventStream: boolean;
}

export interface HeadOptions {
  /** In lower case. */
  readonly releaseHeader: string;
  readonly showRelease: boolean;
}

export function toResponseHead(
  status: number,
  message: string,
  raw: readonly string[],
  request: IncomingMessage,
  { releaseHeader, showRelease }: HeadOptions,
): ResponseHead {
  const kept: string[] = [];
  let connection: string | undefined;
  let release: string | undefined;
  let hasLength = false;
  let hasRequestId = false;
  let isEventStream = false;
  let hasTrailer = false;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    const value = raw[index + 1] ?? "";
    const lower = name.toLowerCase();
    if (lower === "connection") connection = connection === undefined ? value : `${connection}, ${value}`;
    if (lower === "content-length") hasLength = true;
    if (lower === "x-request-id") hasRequestId = true;
    if (lower === "content-type") isEventStream = value.startsWith("text/event-stream");
    if (lower === releaseHeader) {
      release = release === undefined ? value.trim() : `${release}, ${value}`;
      if (!showRelease) continue;
    }
    if (lower === "trailer") hasTrailer = true;
    if (!hopByHop.has(lower)) kept.push(name, value);
  }
  const named = namedByConnection(connection);
  const chunked = !hasLength && request.method !== "HEAD" && request.httpVersion !== "1.0";
  // Node refuses to announce trailers if none can follow.
  const dropsTrailer = hasTrailer && !(chunked && status !== 204 && status !== 304);
  const headers =
    named === undefined && !dropsTrailer
      ? kept
      : kept.filter((_, index) => {
          const lower = (kept[index - (index % 2)] ?? "").toLowerCase();
          return named?.has(lower) !== true && !(dropsTrailer && lower === "trailer");
        });
  return { status, message, headers, release, hasLength, hasRequestId, isEventStream };
}

/** A trailer about the message itself would come too late: RFC 9110 section 6.5.1. */
const notInTrailers: ReadonlySet<string> = new Set([
  ...hopByHop,
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "host",
  "set-cookie",
  "trailer",
]);

/** The trailers as pairs. */
export function toTrailers(raw: readonly string[]): [string, string][] {
  const trailers: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (!notInTrailers.has(name.toLowerCase())) trailers.push([name, raw[index + 1] ?? ""]);
  }
  return trailers;
}
