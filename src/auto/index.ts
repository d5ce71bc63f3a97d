import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, createSecureServer } from "node:http2";
import { reasonOf } from "../core/errors.ts";
import { intercept } from "../http/node.ts";
import { createIntermission } from "../intermission.ts";

/*
 * `node --import intermission/auto server.js`: every HTTP server of the process gets the page, with settings from the
 * environment alone.
 */

const intermission = createIntermission();

// https://nodejs.org/docs/latest-v20.x/api/diagnostics_channel.html#http: published for http and https before the
// server's listeners run.
subscribe("http.server.request.start", (message) => {
  const { request, response } = message as {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  };
  watch(request, response);
});

// HTTP/2 publishes nothing of the kind for its compatibility API, and hands out its classes only through instances.
for (const server of [createServer(), createSecureServer()]) {
  const prototype = Object.getPrototypeOf(server) as { emit(event: unknown, ...rest: unknown[]): boolean };
  const emit = prototype.emit;
  prototype.emit = function emitWatched(this: unknown, event, ...rest) {
    if (event === "request") watch(rest[0] as IncomingMessage, rest[1] as ServerResponse);
    return Reflect.apply(emit, this, [event, ...rest]);
  };
}

function watch(request: IncomingMessage, response: ServerResponse): void {
  try {
    intercept(request, response, intermission);
  } catch (error) {
    // Thrown out of a diagnostics channel, it would end the process.
    intermission.warn({
      code: "page-failed",
      message: `A response could not be watched (${reasonOf(error)}); its errors stay regular`,
      error,
    });
  }
}
