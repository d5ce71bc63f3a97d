import type { ServerResponse } from "node:http";
import type { SendingMethod } from "./methods.ts";

export type HeldCall = readonly [method: SendingMethod, parameters: readonly unknown[]];

/** A response that waits: to the app it looks sent, and what the app does with it is kept. */
export interface Hold {
  /** Something was kept already. */
  readonly begun: boolean;
  readonly ended: boolean;
  /** False: more is kept than a page ever needs, and the response should be let go. */
  keep(method: SendingMethod, parameters: readonly unknown[]): boolean;
  /** The response looks as it is again. Returns what was kept. */
  release(): readonly HeldCall[];
  /** Sets the status that the app meant, which it may have changed since without effect. */
  restoreStatus(): void;
}

/** More than an error page ever has. */
const maximumBytes = 64 * 1024;

export function holdResponse(response: ServerResponse, httpVersion: number): Hold {
  const { statusCode, statusMessage } = response;
  const calls: HeldCall[] = [];
  let bytes = 0;
  let ended = false;
  // What layers above ask before they go on.
  pretend(response, "headersSent");
  return {
    get begun() {
      return calls.length > 0;
    },
    get ended() {
      return ended;
    },
    keep(method, parameters) {
      calls.push([method, parameters]);
      bytes += byteLength(parameters[0]);
      if (method === "end") {
        ended = true;
        pretend(response, "writableEnded");
      }
      return bytes <= maximumBytes;
    },
    release() {
      Reflect.deleteProperty(response, "headersSent");
      Reflect.deleteProperty(response, "writableEnded");
      return calls;
    },
    restoreStatus() {
      response.statusCode = statusCode;
      if (httpVersion < 2) response.statusMessage = statusMessage;
    },
  };
}

function pretend(response: ServerResponse, property: "headersSent" | "writableEnded"): void {
  Object.defineProperty(response, property, { configurable: true, get: () => true });
}

function byteLength(chunk: unknown): number {
  if (typeof chunk === "string") return Buffer.byteLength(chunk);
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
