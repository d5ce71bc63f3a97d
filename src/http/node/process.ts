import { Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createSecureServer, createServer } from "node:http2";
import { Server as HttpsServer } from "node:https";
import type { Server as NetServer } from "node:net";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "./gate.ts";
import { intercept } from "./intercept.ts";

/** Of the servers of HTTP/2, whose classes Node hands out only through instances. */
export const http2ServerPrototypes: readonly object[] = [createServer(), createSecureServer()].map(
  (server): object => Object.getPrototypeOf(server) as object,
);

/** Of every HTTP server that Node has. */
export const httpServerPrototypes: readonly object[] = [
  HttpServer.prototype,
  HttpsServer.prototype,
  ...http2ServerPrototypes,
];

/** Each hands a request to the app: https://nodejs.org/docs/latest-v20.x/api/http.html#class-httpserver */
const requestEvents: ReadonlySet<unknown> = new Set(["request", "checkContinue", "checkExpectation"]);

/** What is done with the HTTP servers of a process. Nothing of it may throw, and no promise reject. */
export interface ProcessWatch {
  /** What judges the answer to a request that has just come. undefined: nobody does. */
  readonly intermission: () => Intermission | undefined;
  /** Called for each response that is watched, before the app has it. */
  readonly onWatched?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Called as a server is told to listen. While a promise is pending, the server does not say that it listens. */
  readonly onListen?: () => Promise<void> | undefined;
  /** Called when the last server that listened is closed. */
  readonly onIdle?: () => void;
}

interface ServerPrototype {
  emit(...parameters: readonly unknown[]): boolean;
  listen(...parameters: readonly unknown[]): unknown;
}

/** Watches every HTTP server of the process until its end, those that listen already too. */
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
      // Thrown out of an event of the server, it would end the process.
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

    // Not Node's diagnostics channel: it makes an object for each request, can't keep one from its listeners, and is silent
    // of HTTP/2.
    owner.emit = function emitWatched(this: unknown, ...parameters) {
      const [event, request, response] = parameters as [unknown, IncomingMessage, ServerResponse];
      if (requestEvents.has(event)) {
        const judge = watch(request, response);
        if (judge?.gated !== true) return Reflect.apply(emit, this, parameters);
        gate(request, response, judge, () => void Reflect.apply(emit, this, parameters));
        return true;
      }
      if (event === "listening") {
        listening.add(this);
        const announce = (): boolean => Reflect.apply(emit, this, parameters);
        return opening === undefined ? announce() : announceLater(this as NetServer, opening, announce);
      }
      if (event === "close" && listening.delete(this) && listening.size === 0) onIdle?.();
      return Reflect.apply(emit, this, parameters);
    };
  }
}

/** Has a server say that it listens only once something has settled. It does listen meanwhile, and answers. */
function announceLater(server: NetServer, settled: Promise<void>, announce: () => boolean): boolean {
  const own = server.listeners("listening").find(({ name }) => name === "setupConnectionsTracking");
  // By this Node learns of the connections that it may have to close. Twice does no harm.
  if (own !== undefined) Reflect.apply(own, server, []);
  else if (server instanceof HttpServer || server instanceof HttpsServer) return announce();
  void settled.then(() => {
    // Out of the promise, so that what the app throws is an uncaught exception, as it would be without us.
    process.nextTick(() => {
      if (server.listening) announce();
    });
  });
  return true;
}
