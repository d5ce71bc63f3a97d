import { Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createSecureServer, createServer } from "node:http2";
import { Server as HttpsServer } from "node:https";
import type { Server as NetServer } from "node:net";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "./gate.ts";
import { intercept } from "./intercept.ts";

/** Node exposes the classes of HTTP/2 servers only through instances. */
export const http2ServerPrototypes: readonly object[] = [createServer(), createSecureServer()].map(
  (server): object => Object.getPrototypeOf(server) as object,
);

/** Every kind of HTTP server in Node. */
export const httpServerPrototypes: readonly object[] = [
  HttpServer.prototype,
  HttpsServer.prototype,
  ...http2ServerPrototypes,
];

/**
 * Events that hand a request to the app: https://nodejs.org/docs/latest-v20.x/api/http.html#class-httpserver
 */
const requestEvents: ReadonlySet<unknown> = new Set(["request", "checkContinue", "checkExpectation"]);

/** Hooks into the HTTP servers of a process. None may throw, and no promise may reject. */
export interface ProcessWatch {
  /** Judges the answer to a request that has just arrived. undefined: nobody does. */
  readonly intermission: () => Intermission | undefined;
  /** Called for each watched response before the app gets it. */
  readonly onWatched?: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Called when a server starts to listen. It does not announce that it listens while the promise is pending.
   */
  readonly onListen?: () => Promise<void> | undefined;
  /** Called when the last listening server is closed. */
  readonly onIdle?: () => void;
}

interface ServerPrototype {
  emit(...parameters: readonly unknown[]): boolean;
  listen(...parameters: readonly unknown[]): unknown;
}

/** Watches every HTTP server of the process for good, including those that already listen. */
export function watchProcess({ intermission, onWatched, onListen, onIdle }: ProcessWatch): void {
  const listening = new Set<unknown>();
  let opening: Promise<void> | undefined;

  function watch(request: IncomingMessage, response: ServerResponse): Intermission | undefined {
    const judge = intermission();
    if (judge === undefined) return undefined;
    try {
      intercept(request, response, judge);
      onWatched?.(request, response);
    } catch (error) {
      // If it escaped a server's event, it would end the process.
      judge.warn({
        code: "page-failed",
        message: `A response could not be watched (${reasonOf(error)}); its errors stay regular`,
        error,
      });
    }
    return judge;
  }

  for (const prototype of httpServerPrototypes) {
    const owner = prototype as ServerPrototype;
    const { emit, listen } = owner;

    owner.listen = function listenWatched(this: unknown, ...parameters) {
      opening = onListen?.();
      return Reflect.apply(listen, this, parameters);
    };

    // Not Node's diagnostics channel: it allocates an object per request, can't withhold one from listeners,
    // and does not cover HTTP/2. Read by index and bound elsewhere, the parameters need no array.
    owner.emit = function emitWatched(this: unknown, ...parameters) {
      const event = parameters[0];
      if (requestEvents.has(event)) {
        const request = parameters[1] as IncomingMessage;
        const response = parameters[2] as ServerResponse;
        const judge = watch(request, response);
        if (judge?.gated !== true) return Reflect.apply(emit, this, parameters);
        gate(request, response, judge, bind(emit, this, parameters));
        return true;
      }
      if (event === "listening") {
        listening.add(this);
        if (opening !== undefined)
          return announceLater(this as NetServer, opening, bind(emit, this, parameters));
      }
      if (event === "close" && listening.delete(this) && listening.size === 0) onIdle?.();
      return Reflect.apply(emit, this, parameters);
    };
  }
}

function bind(emit: ServerPrototype["emit"], server: unknown, parameters: readonly unknown[]): () => boolean {
  return () => Reflect.apply(emit, server, parameters);
}

/**
 * Delays a server's announcement that it listens until the promise settles. It already listens and answers.
 */
function announceLater(server: NetServer, settled: Promise<void>, announce: () => boolean): boolean {
  const own = server.listeners("listening").find(({ name }) => name === "setupConnectionsTracking");
  // Tells Node of the connections it may have to close. Harmless if repeated.
  if (own !== undefined) Reflect.apply(own, server, []);
  else if (server instanceof HttpServer || server instanceof HttpsServer) return announce();
  void settled.then(() => {
    // Outside the promise, so that an error of the app stays an uncaught exception.
    process.nextTick(() => {
      if (server.listening) announce();
    });
  });
  return true;
}
