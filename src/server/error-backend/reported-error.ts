import type { IncomingHttpHeaders } from "node:http";
import type { FailedAnswer } from "../../core/intermission.ts";
import type { PageCause, PageRequest } from "../../core/ports.ts";
import { pathOf } from "../../http/headers.ts";
import { readReleaseHeader } from "../release-header.ts";

/** An upstream's error, as a proxy describes it. */
export interface ReportedError {
  /** The proxy still holds the upstream's answer, and asks what to do with it. */
  readonly asked: boolean;
  /** The proxy itself describes the failed answer. Others pass on headers that a visitor may have sent. */
  readonly isDescribed: boolean;
  /** What the upstream answered, 400 to 599. {@link unreachable} if nobody says. */
  readonly status: number;
  /** What the visitor requested, without the query. */
  readonly path: string;
  readonly method: string;
  /** Of the failed instance. null: nobody says. */
  readonly release: string | null;
  /** The upstream's address, as the proxy writes it. */
  readonly upstream: string | undefined;
  /** `Content-Type` and `Retry-After` of the failed answer. */
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
  /** The failed answer is already the page, from an instance that masks by itself, for this cause. */
  readonly maskedFor: PageCause | undefined;
  readonly cookie: FailedAnswer["cookie"];
  readonly pageRequest: PageRequest;
}

/** The parts of a request that are needed. */
export interface ProxyRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface ReadErrorOptions {
  /** Lower-case name of the header with the failed instance's release. */
  readonly releaseHeader: string;
  readonly isRecorded?: (release: string) => boolean;
}

const causes: readonly PageCause[] = ["deploy", "manual", "closed"];

/**
 * For a request that arrives as the visitor sent it, or with an invalid status: the upstream gave no answer.
 */
export const unreachable = 502;

/** Longer than any address. Characters. */
const maximumAddressLength = 256;

/** `/error/502` and `/502.html`, as in Traefik's `{status}` and the paths of tarampampam/error-pages. */
const statusPath = /^\/(?:error\/)?(\d{3})(?:\.html)?$/;

/**
 * Reads what proxies say, in each one's vocabulary. The first present wins, even if invalid: a proxy that
 * sets a header means it. Never throws.
 */
export function readError(
  { method = "GET", url = "/", headers }: ProxyRequest,
  { releaseHeader, isRecorded }: ReadErrorOptions,
): ReportedError {
  const own = pathOf(url);
  const header = (name: string): string | undefined => textOf(headers[name]);
  const originalStatus = header("x-original-status");
  const inPath = statusPath.exec(own)?.[1];
  // A visitor's own path may have a `u` in its query.
  const isOurs = inPath !== undefined || own === "/error" || own === "/decide";
  const target = header("x-original-uri") ?? (isOurs ? queryOf(url, "u") : undefined) ?? url;
  const originalMethod = header("x-original-method");
  const wished = originalMethod !== undefined && /^[A-Za-z-]{1,20}$/.test(originalMethod);
  const meant = wished ? originalMethod.toUpperCase() : method;
  const contentType = header("x-original-content-type");
  const status = toStatus(originalStatus ?? header("x-code") ?? inPath);
  return {
    asked: own === "/decide" && originalStatus !== undefined,
    isDescribed: (own === "/decide" || own === "/error") && originalStatus !== undefined,
    status,
    path: pathOf(target),
    method: meant,
    release: readReleaseHeader(header(releaseHeader), isRecorded),
    upstream: toAddress(header("x-upstream-addr")),
    contentType,
    retryAfter: header("x-original-retry-after"),
    maskedFor: causes.find((cause) => cause === header("x-original-maintenance")),
    cookie: headers.cookie,
    pageRequest: {
      method: meant,
      accept: header("x-format") ?? headers.accept,
      acceptLanguage: headers["accept-language"],
      fetchDestination: header("sec-fetch-dest"),
      requestedWith: header("x-requested-with"),
      failedStatus: status,
      failedContentType: contentType,
    },
  };
}

/** If several upstreams were tried, nginx lists all: the last answer is the one that failed. */
function toStatus(text: string | undefined): number {
  const last = listOf(text).findLast((part) => /^\d{3}$/.test(part));
  const status = Number(last);
  return status >= 400 && status <= 599 ? status : unreachable;
}

function toAddress(text: string | undefined): string | undefined {
  const address = listOf(text).at(-1);
  return address !== undefined && address.length <= maximumAddressLength ? address : undefined;
}

/** nginx puts commas between servers, and a colon with spaces between groups of them. */
function listOf(text: string | undefined): readonly string[] {
  return (text ?? "").split(/,| : /, 64).flatMap((part) => {
    const trimmed = part.trim();
    return trimmed === "" || trimmed === "-" ? [] : [trimmed];
  });
}

function queryOf(url: string, name: string): string | undefined {
  const query = url.indexOf("?");
  if (query === -1) return undefined;
  const value = new URLSearchParams(url.slice(query + 1)).get(name) ?? "";
  return value === "" ? undefined : value;
}

/** Empty: proxies send an empty header for an unset variable. */
function textOf(value: string | readonly string[] | undefined): string | undefined {
  const text = typeof value === "string" ? value : value?.join(", ");
  return text === undefined || text.trim() === "" ? undefined : text;
}
