import { ServerResponse, type IncomingMessage } from "node:http";
import type { SendingMethod } from "./methods.ts";
import type { Socket } from "node:net";
import { keepOriginalStatus } from "../../core/decide.ts";
import { setPageHeader, type PassedHeaders, makeReady } from "./header.ts";
import type { Replacement } from "../../core/intermission.ts";
import type { Settings } from "../../core/settings/resolve.ts";

export type HeldCall = readonly [method: SendingMethod, parameters: readonly unknown[]];

/**
 * Holds a response that can't be held natively: HTTP/2, or one with foreign methods below ours. Calls are
 * kept and replayed later; meanwhile the response looks as if they had been done.
 */
export interface CopyHold {
  readonly calls: readonly HeldCall[];
  /** Bytes held. */
  size(): number;
  /** Keeps a call and returns what it would have. Throws what Node throws for a header that can't be sent. */
  keep(method: SendingMethod, parameters: readonly unknown[]): unknown;
  /** The response shows its true state again. */
  release(): void;
  /** Restores the status the app meant; it may have set another since, without effect. */
  restoreStatus(): void;
}

/** Methods that change a header: refused once the header counts as sent. */
const headerMethods = ["setHeader", "appendHeader", "removeHeader", "setHeaders"] as const;

export function copyCalls(response: ServerResponse, httpVersion: number): CopyHold {
  const { statusCode } = response;
  // HTTP/2 has no reason phrase, and Node warns about reading one.
  const statusMessage = httpVersion < 2 ? response.statusMessage : undefined;
  const calls: HeldCall[] = [];
  let size = 0;
  let ended = false;

  function pretend(...properties: readonly (keyof ServerResponse)[]): void {
    for (const property of properties)
      Object.defineProperty(response, property, { configurable: true, get: () => true });
  }

  function refuseHeaders(): void {
    for (const method of headerMethods) {
      if (!(method in response)) continue;
      const refuse = (): never => {
        throw headersSent(httpVersion);
      };
      Object.defineProperty(response, method, { configurable: true, writable: true, value: refuse });
    }
  }

  return {
    calls,
    size: () => size,
    keep(method, parameters) {
      const callback = parameters.find((one): one is () => void => typeof one === "function");
      if (ended) {
        // Called when the first end is done, to tell the writer that it was too late.
        if (callback !== undefined) afterEnd(response, method, callback);
        return method === "write" ? false : response;
      }
      if (method === "writeHead" && calls.length > 0) {
        // A layer that checks the private `_header` calls again in good faith.
        return response;
      }
      calls.push([method, parameters]);
      size += byteLength(parameters[0]);
      if (calls.length === 1) {
        // Outer layers read these before they go on.
        pretend("headersSent");
        refuseHeaders();
      }
      if (method === "end") {
        ended = true;
        pretend("writableEnded", "finished");
      }
      return method === "write" ? size < response.writableHighWaterMark : response;
    },
    release() {
      for (const property of ["headersSent", "writableEnded", "finished", ...headerMethods])
        Reflect.deleteProperty(response, property);
    },
    restoreStatus() {
      response.statusCode = statusCode;
      if (statusMessage !== undefined) response.statusMessage = statusMessage;
    },
  };
}

function afterEnd(response: ServerResponse, method: SendingMethod, callback: (error?: Error) => void): void {
  const error = Object.assign(new Error("write after end"), { code: "ERR_STREAM_WRITE_AFTER_END" });
  if (method === "write") process.nextTick(callback, error);
  else if (response.writableFinished) process.nextTick(callback);
  else response.once("finish", callback);
}

/** In Node's words. */
function headersSent(httpVersion: number): Error {
  return httpVersion < 2
    ? Object.assign(new Error("Cannot set headers after they are sent to the client"), {
        code: "ERR_HTTP_HEADERS_SENT",
      })
    : Object.assign(new Error("Response has already been initiated."), { code: "ERR_HTTP2_HEADERS_SENT" });
}

function byteLength(chunk: unknown): number {
  if (typeof chunk === "string") return Buffer.byteLength(chunk);
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

/*
 * When another HTTP/1 response has its turn on the connection, Node keeps what a response can't send yet, and
 * sends it when its turn comes (`lib/_http_outgoing.js`). A response that waits for its verdict uses the same
 * mechanism, so everything the app sees meanwhile is Node's own: what is sent, what throws, what is called
 * back.
 */

/** A part of an answer that waits for its turn. */
interface Part {
  readonly data: string | Uint8Array;
  readonly encoding: string | null;
  readonly callback: ((error?: Error | null) => void) | null;
}

/** The undocumented parts of a response used here; the same in Node 20 to 26. */
interface Turn extends ServerResponse {
  outputData: Part[];
  outputSize: number;
  _headerSent: boolean;
  _last: boolean;
  getRawHeaderNames(): string[];
  _flush(): void;
  _onPendingData(delta: number): void;
}

/** Its `_httpMessage` is the response whose turn it is. */
type TurnSocket = Socket & { _httpMessage?: unknown };

/** What Node decides about a connection before the app gets the response. */
const connectionFields = [
  ...["shouldKeepAlive", "_keepAliveTimeout", "_defaultKeepAlive", "_maxRequestsPerSocket"],
  ...["maxRequestsOnConnectionReached", "sendDate", "useChunkedEncodingByDefault"],
];

/** Calls by which an app, or Node, drops a connection: what the app has answered by then is sent first. */
const lettingGo = ["end", "destroySoon", "destroy"] as const;

export interface NativeHold {
  /** Bytes held. */
  size(): number;
  /** Sends what is held, and lets later writes through. */
  release(): void;
  /** Replaces what is held with the page and sends it. Throws what Node throws; then nothing was done. */
  replace(replacement: Replacement, passed: PassedHeaders, settings: Pick<Settings, "keepHeaders">): void;
}

// Flushed before the process exits: an app that answers and then calls `process.exit()` has answered.
const held = new Set<() => void>();
let isExitWatched = false;

/**
 * Makes a response wait for its turn.
 *
 * @param giveUp Called when time is up: call `release` then.
 * @returns undefined: this Node or this response does not support it.
 */
export function holdNatively(
  request: IncomingMessage,
  response: ServerResponse,
  giveUp: () => void,
): NativeHold | undefined {
  if (!canWait(response)) return undefined;
  const before = response.outputData.length;
  /** Undoes the changes to the connection. */
  let giveTurn: ((socket: TurnSocket) => void) | undefined;
  const turn: Turn = response;
  let socket: TurnSocket | null = response.socket;

  function takeTurn(taken: TurnSocket): void {
    // Others must find the turn taken and reach the response by it, but the response must not find itself.
    taken._httpMessage = new Proxy(response, {});
    for (const name of lettingGo) {
      const original = taken[name] as (...parameters: unknown[]) => unknown;
      const isOwn = Object.hasOwn(taken, name);
      Object.defineProperty(taken, name, {
        configurable: true,
        writable: true,
        value: function lettingGo(this: unknown, ...parameters: unknown[]) {
          giveUp();
          return Reflect.apply(original, this, parameters);
        },
      });
      restore.push(() => {
        if (isOwn) Object.assign(taken, { [name]: original });
        else Reflect.deleteProperty(taken, name);
      });
    }
    giveTurn = (socket) => {
      if (socket._httpMessage !== undefined && socket._httpMessage !== null) socket._httpMessage = response;
    };
  }
  const restore: (() => void)[] = [];

  if (socket === null) {
    // Another response has the turn. When this one gets it, it must not send anything by itself.
    response.assignSocket = (assigned) => {
      Reflect.deleteProperty(response, "assignSocket");
      response._flush = () => undefined;
      response.assignSocket(assigned);
      Reflect.deleteProperty(response, "_flush");
      socket = assigned;
      takeTurn(assigned);
    };
    restore.push(() => Reflect.deleteProperty(response, "assignSocket"));
  } else {
    takeTurn(socket);
  }
  held.add(giveUp);
  if (!isExitWatched) {
    isExitWatched = true;
    process.on("exit", function sendAllHeld() {
      for (const late of held) late();
    });
  }

  function release(): void {
    held.delete(giveUp);
    for (const undo of restore.splice(0)) undo();
    if (socket === null) return;
    giveTurn?.(socket);
    if (socket._httpMessage === response) turn._flush();
  }

  return {
    size: () => response.outputSize,
    release,
    replace(replacement, passed, settings) {
      const page = toPageResponse(request, turn, replacement, passed, settings);
      const parts = response.outputData;
      const callbacks = parts.slice(before).flatMap(({ callback }) => (callback === null ? [] : [callback]));
      response.outputData = [
        // Earlier informational answers.
        ...parts.slice(0, before),
        ...page.outputData,
        ...callbacks.map((callback) => ({ data: "", encoding: "latin1", callback })),
      ];
      const size = response.outputData.reduce((sum, { data }) => sum + data.length, 0);
      response._onPendingData(size - response.outputSize);
      // Nothing more of the app's is sent: neither its header nor its final chunk.
      Object.assign(response, {
        ...{ outputSize: size, _headerSent: true, _last: page._last, chunkedEncoding: false },
        ...{ strictContentLength: false, statusCode: page.statusCode, statusMessage: page.statusMessage },
      });
      keepOriginalStatus(response, replacement.originalStatus);
      release();
    },
  };
}

function canWait(response: ServerResponse): response is Turn {
  const { outputData, outputSize, _flush, _onPendingData, _headerSent } = response as Turn;
  const socket: TurnSocket | null = response.socket;
  return (
    Array.isArray(outputData) &&
    typeof outputSize === "number" &&
    typeof _flush === "function" &&
    typeof _onPendingData === "function" &&
    typeof _headerSent === "boolean" &&
    (socket === null || socket._httpMessage === response)
  );
}

/** The page as Node would send it in the response's place; never assigned to a connection, so complete. */
function toPageResponse(
  request: IncomingMessage,
  failed: Turn,
  { page }: Replacement,
  passed: PassedHeaders,
  settings: Pick<Settings, "keepHeaders">,
): Turn {
  const response = new ServerResponse(request) as Turn;
  for (const name of connectionFields) Reflect.set(response, name, Reflect.get(failed, name));
  for (const name of failed.getRawHeaderNames()) {
    const value = failed.getHeader(name);
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(page.status, setPageHeader(request, response, page, passed, settings));
  if (request.method === "HEAD") response.end();
  else response.end(makeReady(page).body);
  return response;
}
