import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from "node:http";
import { reasonOf } from "../../core/errors.ts";
import type { FailedAnswer, Intermission, Known, Replacement } from "../../core/intermission.ts";
import type { Page } from "../../core/ports.ts";
import { genericError, type Answer } from "./generic-error.ts";
import { withKeptHeaders } from "./kept-headers.ts";
import { readError, type ReadErrorOptions, type ReportedError } from "./reported-error.ts";
import type { Upstreams } from "./upstreams.ts";

export interface AnswersOptions {
  readonly intermission: Intermission;
  /** The release of an instance that could not name it. null: nobody knows. */
  readonly guess: (upstream: string | undefined, known: Known | undefined) => string | null;
  readonly upstreams: Upstreams;
  /** Called with each release that an error carries. */
  readonly heard: (release: string, upstream: string | undefined) => void;
  readonly read: ReadErrorOptions;
}

/** How much of a request's body is read before the connection is dropped. Bytes. */
const maximumBody = 1024 * 1024;

const pass: Answer = {
  status: 204,
  headers: { "x-maintenance": "pass", "cache-control": "no-store" },
  body: Buffer.alloc(0),
};

/** Answers a proxy's errors: with the page, with `pass` if it asked, else with a regular error. */
export function createAnswers({
  intermission,
  guess,
  upstreams,
  heard,
  read,
}: AnswersOptions): RequestListener {
  return (request, response) => {
    discardBody(request);
    try {
      const error = readError(request, read);
      if (error.release !== null) {
        if (error.upstream !== undefined) upstreams.learn(error.upstream, error.release);
        heard(error.release, error.upstream);
      }
      if (error.maskedFor !== undefined) {
        // The instance judged and counted it. If the proxy dropped its page, another replaces it.
        const { maskedFor: cause, pageRequest } = error;
        if (error.asked) send(request, response, pass);
        else sendPage(intermission.page(pageRequest, cause), error);
        return;
      }
      const finish = (replacement: Replacement | undefined): void => {
        if (replacement === undefined) send(request, response, error.asked ? pass : regular(error));
        else sendPage(replacement.page, error);
        replacement?.sent();
      };
      const replacement = intermission.replacementFor(
        new ReportedFailure(error, () => guess(error.upstream, intermission.known)),
      );
      if (!(replacement instanceof Promise)) finish(replacement);
      else replacement.then(finish).catch(fail);
    } catch (error) {
      fail(error);
    }

    function sendPage(page: Page, { isDescribed }: ReportedError): void {
      const { keepHeaders } = intermission.settings;
      const raw = isDescribed ? request.rawHeaders : [];
      send(request, response, withKeptHeaders(makeReady(page), raw, keepHeaders));
    }

    function fail(error: unknown): void {
      intermission.warn({
        code: "page-failed",
        message: `An error could not be answered, so its connection was closed (${reasonOf(error)})`,
        error,
      });
      // No answer is something every proxy can handle: it keeps the original, or sends its own error.
      response.destroy();
    }
  };
}

/** A class: an object literal with a getter would outlive the request. */
class ReportedFailure implements FailedAnswer {
  readonly status: number;
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly cookie: FailedAnswer["cookie"];
  readonly pageRequest: FailedAnswer["pageRequest"];
  readonly request = undefined;
  readonly retryAfter: boolean;
  readonly #named: string | null;
  readonly #guess: () => string | null;

  constructor(error: ReportedError, guess: () => string | null) {
    this.status = error.status;
    this.method = error.method;
    this.path = error.path;
    this.contentType = error.contentType;
    this.cookie = error.cookie;
    this.pageRequest = error.pageRequest;
    this.retryAfter = error.retryAfter !== undefined;
    this.#named = error.release;
    this.#guess = guess;
  }

  /** Evaluated again after the store's first answer, when there may be something to guess from. */
  get release(): string | null {
    return this.#named ?? this.#guess();
  }
}

/** Seconds or an HTTP date, RFC 9110 section 10.2.3; nothing that is invalid in a header. */
const secondsOrDate = /^[\w ,:+-]{1,40}$/;

function regular({ status, pageRequest, retryAfter }: ReportedError): Answer {
  const answer = genericError(status, pageRequest);
  if (retryAfter === undefined || !secondsOrDate.test(retryAfter)) return answer;
  return { ...answer, headers: { ...answer.headers, "retry-after": retryAfter } };
}

// Few pages are sent many times.
const ready = new WeakMap<Page, Answer>();

function makeReady(page: Page): Answer {
  const known = ready.get(page);
  if (known !== undefined) return known;
  const { buffer, byteOffset, byteLength } = page.body;
  const headers: OutgoingHttpHeaders = {
    ...page.headers,
    "content-length": byteLength,
    // Tells a proxy our page from every other 503. The page states its cause elsewhere.
    "x-maintenance": "1",
    "x-maintenance-cause": page.headers["x-maintenance"],
  };
  const made = { status: page.status, headers, body: Buffer.from(buffer, byteOffset, byteLength) };
  ready.set(page, made);
  return made;
}

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
): void {
  response.writeHead(status, headers);
  if (request.method === "HEAD" || body.byteLength === 0) response.end();
  else response.end(body);
}

/** Nobody waits for it: the answer goes out at once. */
export function discardBody(request: IncomingMessage): void {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (encoding === undefined && (length === undefined || length === "0")) return;
  let left = maximumBody;
  request.on("data", ({ byteLength }: Buffer) => {
    left -= byteLength;
    if (left < 0) request.destroy();
  });
  request.on("error", () => {
    // A visitor who leaves while sending.
  });
}
