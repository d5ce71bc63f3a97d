import { systemClock } from "../../core/runtime.ts";
import { isIntermissionError, reasonOf } from "../../core/errors.ts";
import type { Clock, Logger, ReportList, Store } from "../../core/ports.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { readText, TooLongError } from "../../stores/shared/bounded-text.ts";
import { maximumBodyBytes, maximumListBytes } from "../../stores/http/address.ts";
import { toApp, toCount, toPut, toReportId, toWrite } from "./asked.ts";
import { createGuard, type GuardOptions, type Right } from "./guard.ts";
import { Refusal } from "./refusal.ts";
import { createReportQuota, sizeInList } from "./report-quota.ts";

export interface StoreHandlerOptions extends GuardOptions {
  /** The store. Its maker closes it. */
  readonly store: Store;
  /** For deploys: its holder may write. At least 16 characters. Up to 10, so that one can replace another. */
  readonly token: string | readonly string[];
  /** For instances: its holder may read and report. */
  readonly reportToken?: string | readonly string[] | undefined;
  /**
   * For who only looks: its holder may read. Without a `reportToken` it may report too, as in version 0.1;
   * with an empty list of those, nobody but deploys may.
   */
  readonly readToken?: string | readonly string[] | undefined;
  /**
   * Logs failures of the store and wrong tokens, each at most once a minute.
   * @default console
   */
  readonly logger?: Logger | undefined;
}

/** The parts of a request that are used. */
export interface Asked {
  readonly method: string;
  /** Only its path and parameters are read. */
  readonly url: string;
  readonly authorization: string | undefined;
  /** Not read before the token is checked. */
  readonly body: () => AsyncIterable<Uint8Array>;
}

export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Milliseconds in which a body must have arrived. */
const bodyWithin = 5000;
const tellAgainAfter = 60_000;

/** A report of 16 KiB whose characters all need an escape. */
const maximumReportBody = 131_072;

/**
 * Answers the requests of the HTTP store. The returned function never rejects.
 *
 * @throws IntermissionError `bad-option`
 */
export function createAnswer(
  options: StoreHandlerOptions,
  clock: Clock = systemClock,
): (asked: Asked) => Promise<Answer> {
  const { store, logger = console } = options;
  const rightOf = createGuard(options);
  const quota = createReportQuota(clock);
  const toldAt = new Map<string, number>();

  function tell(about: string, message: string): void {
    const now = clock.now();
    if (now - (toldAt.get(about) ?? Number.NEGATIVE_INFINITY) < tellAgainAfter) return;
    toldAt.set(about, now);
    try {
      logger.warn(`[intermission] ${message}`);
    } catch {
      // Nobody is left to tell.
    }
  }

  async function answer({ method, url, authorization, body }: Asked): Promise<object> {
    const right = await rightOf(authorization);
    if (right === undefined) throw new Refusal(401, "", { "www-authenticate": "Bearer" });
    const { pathname, searchParams } = toUrl(url);
    const resource = pathname.slice(pathname.lastIndexOf("/") + 1);
    if (resource === "record") {
      if (method === "GET") return store.read(toApp(searchParams), toCount(searchParams, "known"));
      if (method === "POST") {
        require(right, ["write"]);
        const app = toApp(searchParams);
        const { value, expectedVersion, currentRelease } = toWrite(
          await readJson(body(), maximumBodyBytes, "1 MiB"),
        );
        return { written: await store.write(app, value, expectedVersion, currentRelease) };
      }
      throw new Refusal(405, "A record is read with GET and written with POST.", { allow: "GET, POST" });
    }
    if (resource !== "reports") throw new Refusal(404, "The path ends with neither record nor reports.");
    const { reports } = store;
    if (reports === undefined) throw new Refusal(501, "The store keeps no reports.");
    if (method === "GET")
      return shorten(await reports.list(toApp(searchParams), toCount(searchParams, "within")));
    if (method !== "PUT") {
      throw new Refusal(405, "Reports are read with GET and put with PUT.", { allow: "GET, PUT" });
    }
    require(right, ["write", "report"]);
    const [app, id] = [toApp(searchParams), toReportId(searchParams)];
    quota.enter();
    const { value, keepFor } = toPut(await readJson(body(), maximumReportBody, "128 KiB"));
    await reports.put(app, id, value, quota.admit(app, id, value, keepFor));
    return { kept: true };
  }

  async function readJson(
    chunks: AsyncIterable<Uint8Array>,
    maximumBytes: number,
    inWords: string,
  ): Promise<unknown> {
    let text: string;
    try {
      text = await withTimeLimit(clock, bodyWithin, readText(chunks, maximumBytes));
    } catch (error) {
      if (error instanceof TooLongError) throw new Refusal(413, `The body is larger than ${inWords}.`);
      throw new Refusal(408, "The body did not come.");
    }
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new Refusal(
        400,
        text === "" ? "The body is empty, or was read by another." : "The body is not JSON.",
      );
    }
  }

  return async function answered(asked) {
    try {
      return toAnswer(200, await answer(asked));
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.status === 401) tell("token", "Somebody asks the store with a wrong token, or with none.");
        if (error.status === 429)
          tell("reports", `Reports were refused, which hides instances. ${error.message}`);
        return refuse(error);
      }
      tell("store", `What the HTTP store asked for failed: ${reasonOf(error)}`);
      if (isIntermissionError(error) && error.code === "store-denied")
        return refuse(new Refusal(501, "The server's own user of the store lacks a right."));
      // With Retry-After, a maintenance page around this handler lets the answer through.
      return refuse(new Refusal(503, "The store behind the server failed.", { "retry-after": "1" }));
    }
  };
}

function toUrl(url: string): URL {
  try {
    return new URL(url, "http://localhost");
  } catch {
    throw new Refusal(400, "The address can't be read.");
  }
}

function require(right: Right, needed: readonly Right[]): void {
  if (needed.includes(right)) return;
  throw new Refusal(403, `This token may only ${right === "report" ? "read and report" : "read"}.`);
}

/** Clients read no longer answer. The newest reports stay: those of the instances that live. */
function shorten(list: ReportList): ReportList {
  let left = maximumListBytes - 1000;
  const end = list.reports.findIndex(({ id, value }) => (left -= sizeInList(id, value)) < 0);
  return end === -1 ? list : { ...list, reports: list.reports.slice(0, end) };
}

/** RFC 9457. Without a token, the answer reveals nothing. */
function refuse({ status, message, headers }: Refusal): Answer {
  if (message === "") return { status, headers: { "cache-control": "no-store", ...headers }, body: "" };
  const answer = toAnswer(status, { status, title: message });
  return {
    ...answer,
    headers: { ...answer.headers, "content-type": "application/problem+json", ...headers },
  };
}

function toAnswer(status: number, document: object): Answer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify(document),
  };
}
