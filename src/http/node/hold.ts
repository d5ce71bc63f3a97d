import type { ServerResponse } from "node:http";
import type { SendingMethod } from "./methods.ts";

export type HeldCall = readonly [method: SendingMethod, parameters: readonly unknown[]];

/**
 * A response that waits where it can't be made to wait natively: one of HTTP/2, or with methods of somebody else's below
 * ours. What the app asks for is kept, and done later; meanwhile the response looks as if it had been done.
 */
export interface CopyHold {
  readonly calls: readonly HeldCall[];
  /** Bytes that are kept. */
  readonly size: number;
  /** Keeps a call, and returns what it would have. Throws what Node throws of a header that can't be sent. */
  keep(method: SendingMethod, parameters: readonly unknown[]): unknown;
  /** The response looks as it is again. */
  release(): void;
  /** Sets the status that the app meant, which it may have changed since without effect. */
  restoreStatus(): void;
}

/** What the app reads, and by what it changes a header: refused once the header counts as sent. */
const headerMethods = ["setHeader", "appendHeader", "removeHeader", "setHeaders"] as const;

export function copyCalls(response: ServerResponse, httpVersion: number): CopyHold {
  const { statusCode } = response;
  // HTTP/2 has no reason phrase, and warns of who asks for it.
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
    get size() {
      return size;
    },
    keep(method, parameters) {
      const callback = parameters.find((one): one is () => void => typeof one === "function");
      if (ended) {
        // Called back when the first end is done; who writes is told that it was too late.
        if (callback !== undefined) afterEnd(response, method, callback);
        return method === "write" ? false : response;
      }
      if (method === "writeHead" && calls.length > 0) {
        // Layers that ask for the private `_header` call it in good faith.
        return response;
      }
      calls.push([method, parameters]);
      size += byteLength(parameters[0]);
      if (calls.length === 1) {
        // What layers above ask before they go on.
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

/** As Node words it. */
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
