import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { FailedAnswer } from "../../core/intermission.ts";
import type { Page, PageRequest } from "../../core/ports.ts";
import { addVary, isKept, pathOf, withFrameAncestors } from "../headers.ts";
import type { Settings } from "../../core/settings/resolve.ts";

/** Headers passed to `writeHead` that are not yet on the response. Each name once. */
export type PassedHeaders = readonly (readonly [name: string, value: OutgoingHttpHeader])[];

/** A failed response of which nothing was sent. */
export class FailedResponse implements FailedAnswer {
  readonly status: number;
  readonly error: unknown;
  readonly request: object;
  readonly path: string;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #passed: PassedHeaders;

  /**
   * @param frameworkRequest The framework's own request or its equivalent: Express's `request`, Koa's
   * `context`.
   */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    passed: PassedHeaders,
    frameworkRequest: object,
    error: unknown,
  ) {
    this.status = status;
    this.error = error;
    this.request = frameworkRequest;
    this.path = targetPath(request, frameworkRequest);
    this.#message = request;
    this.#response = response;
    this.#passed = passed;
  }

  get method(): string {
    return this.#message.method ?? "GET";
  }

  get address(): string | undefined {
    return addressOf(this.#message, this.request);
  }

  get cookie(): string | undefined {
    return this.#message.headers.cookie;
  }

  get contentType(): string | undefined {
    return headerOf(this.#response, this.#passed, "content-type");
  }

  get retryAfter(): boolean {
    return headerOf(this.#response, this.#passed, "retry-after") !== undefined;
  }

  get skipped(): boolean {
    return this.#message.headers.upgrade?.toLowerCase() === "websocket";
  }

  get pageRequest(): PageRequest {
    return pageRequestOf(this.#message, this.#response, this.#passed, this.status);
  }
}

/** What the page depends on, from the request and the failed response. */
export function pageRequestOf(
  request: IncomingMessage,
  response: ServerResponse,
  passed: PassedHeaders,
  failedStatus?: number,
): PageRequest {
  const { headers } = request;
  return {
    method: request.method ?? "GET",
    accept: headers.accept,
    acceptLanguage: headers["accept-language"],
    acceptEncoding: textOf(headers["accept-encoding"]),
    fetchDestination: textOf(headers["sec-fetch-dest"]),
    requestedWith: textOf(headers["x-requested-with"]),
    htmxRequest: textOf(headers["hx-request"]),
    htmxBoosted: textOf(headers["hx-boosted"]),
    failedStatus,
    failedContentType: headerOf(response, passed, "content-type"),
  };
}

/**
 * Turns a failed response's header into the page's. Sends nothing.
 *
 * @returns Headers for `writeHead`, next to the page's status. Undefined: the response already has them all.
 */
export function setPageHeader(
  request: IncomingMessage,
  response: ServerResponse,
  page: Page,
  passed: PassedHeaders,
  { keepHeaders }: Pick<Settings, "keepHeaders">,
): OutgoingHttpHeaders | undefined {
  response.statusCode = page.status;
  // HTTP/2 has no reason phrase, and Node warns about setting one.
  if (request.httpVersionMajor < 2) response.statusMessage = "";
  const { headers } = makeReady(page);
  const names = response.getHeaderNames();
  const kept = passed.filter(([name]) => isKept(name.toLowerCase(), keepHeaders));
  const policy = headerOf(response, passed, "content-security-policy");
  // A copy: a wrapper of `writeHead` may add one visitor's data to it.
  if (names.length === 0 && kept.length === 0 && policy === undefined) return { ...headers };

  const vary = headerOf(response, passed, "vary");
  for (const [name, value] of kept) response.setHeader(name, value);
  for (const name of names)
    if (!Object.hasOwn(headers, name) && !isKept(name, keepHeaders)) response.removeHeader(name);
  // One by one: Node validates every one of them.
  for (const name in headers) {
    const own = page.headers[name] ?? String(page.body.byteLength);
    if (name === "vary") response.setHeader(name, addVary(vary, own));
    else if (name === "content-security-policy") response.setHeader(name, withFrameAncestors(own, policy));
    else response.setHeader(name, own);
  }
  return undefined;
}

/** Express and others shorten `url` inside mounted routers and keep the whole in `originalUrl`. */
export function targetOf(
  request: IncomingMessage & { readonly originalUrl?: unknown },
  frameworkRequest: { readonly originalUrl?: unknown },
): string | undefined {
  const original = frameworkRequest.originalUrl ?? request.originalUrl;
  return typeof original === "string" ? original : request.url;
}

export function targetPath(request: IncomingMessage, frameworkRequest: object): string {
  return pathOf(targetOf(request, frameworkRequest));
}

/**
 * The client's address: the framework's (`ip`, by its own rule for trusted proxies; in AdonisJS a method),
 * else the connection's. `X-Forwarded-For`, which a client can forge, is never read here.
 */
export function addressOf(
  request: IncomingMessage,
  frameworkRequest: { readonly ip?: unknown },
): string | undefined {
  try {
    const ip: unknown =
      typeof frameworkRequest.ip === "function"
        ? Reflect.apply(frameworkRequest.ip, frameworkRequest, [])
        : frameworkRequest.ip;
    if (typeof ip === "string") return ip;
    return request.socket.remoteAddress;
  } catch {
    // A `trust proxy` function may throw, and HTTP/2 throws once its session is gone.
    return undefined;
  }
}

/** The headers passed to `writeHead`: an object, a flat list of names and values, or a list of pairs. */
export function passedHeaders(parameters: readonly unknown[]): PassedHeaders {
  const headers = typeof parameters[1] === "string" ? parameters[2] : (parameters[1] ?? parameters[2]);
  if (typeof headers !== "object" || headers === null) return [];
  if (!Array.isArray(headers)) {
    return Object.entries(headers as Record<string, OutgoingHttpHeader | undefined>).filter(
      (entry): entry is [string, OutgoingHttpHeader] => entry[1] !== undefined,
    );
  }
  if (headers.every((entry) => Array.isArray(entry)))
    return joinPairs(headers as [string, OutgoingHttpHeader][]);
  const pairs: [string, OutgoingHttpHeader][] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    pairs.push([String(headers[index]), headers[index + 1] as OutgoingHttpHeader]);
  }
  return joinPairs(pairs);
}

/** A list may repeat a name such as `set-cookie`; `setHeader` would keep only the last. */
function joinPairs(pairs: readonly (readonly [string, OutgoingHttpHeader])[]): PassedHeaders {
  const joined = new Map<string, OutgoingHttpHeader>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    const before = joined.get(key);
    joined.set(key, before === undefined ? value : [before, value].flat().map(String));
  }
  return [...joined];
}

function headerOf(response: ServerResponse, passed: PassedHeaders, name: string): string | undefined {
  if (passed.length === 0) return textOf(response.getHeader(name));
  const here = passed.find(([key]) => key.toLowerCase() === name);
  return textOf(here === undefined ? response.getHeader(name) : here[1]);
}

function textOf(value: OutgoingHttpHeader | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : typeof value === "number" ? String(value) : value;
}

/** A page in the form that costs Node least. */
export interface ReadyPage {
  /** Passed all at once, headers cost less than one by one. */
  readonly headers: OutgoingHttpHeaders;
  /** From any other array, Node makes a Buffer on each write. */
  readonly body: Buffer;
}

// A failing or closed site sends few pages many times.
const ready = new WeakMap<Page, ReadyPage>();

export function makeReady(page: Page): ReadyPage {
  let made = ready.get(page);
  if (made === undefined) {
    const { buffer, byteOffset, byteLength } = page.body;
    made = {
      headers: { ...page.headers, "content-length": byteLength },
      body: Buffer.from(buffer, byteOffset, byteLength),
    };
    ready.set(page, made);
  }
  return made;
}
