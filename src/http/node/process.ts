import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "./gate.ts";
import { http2ServerPrototypes, httpServerPrototypes } from "./servers.ts";
import { intercept } from "./intercept.ts";

/** Each hands a request to the app: https://nodejs.org/docs/latest-v20.x/api/http.html#class-httpserver */
const requestEvents: ReadonlySet<unknown> = new Set(["request", "checkContinue", "checkExpectation"]);

/**
 * Has every HTTP server of the process watched until its end, those that listen already too.
 *
 * @param onWatched Called for each response, before the app has it. Not to throw.
 * @param opening What requests wait for before the app has them; undefined: nothing. Not to reject.
 */
export function watchProcess(
  intermission: Intermission,
  onWatched?: (request: IncomingMessage, response: ServerResponse) => void,
  opening: () => Promise<void> | undefined = () => undefined,
): void {
  function watch(request: IncomingMessage, response: ServerResponse): void {
    try {
      intercept(request, response, intermission);
      onWatched?.(request, response);
    } catch (error) {
      // Thrown out of a diagnostics channel, it would end the process.
      intermission.warn({
        code: "page-failed",
        message: `A response could not be watched (${reasonOf(error)}); its errors stay regular`,
        error,
      });
    }
  }

  // https://nodejs.org/docs/latest-v20.x/api/diagnostics_channel.html#http: published for http and https before the
  // server's listeners run.
  subscribe("http.server.request.start", (message) => {
    const { request, response } = message as {
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
    };
    watch(request, response);
  });

  // A channel can't keep a request from its listeners, so that the event itself is caught. HTTP/2 publishes nothing of
  // the kind for its compatibility API.
  for (const prototype of httpServerPrototypes) {
    const owner = prototype as { emit(...parameters: readonly unknown[]): boolean };
    const emit = owner.emit;
    const isHttp2 = http2ServerPrototypes.includes(prototype);
    owner.emit = function emitWatched(this: unknown, ...parameters) {
      const [event, request, response] = parameters as [unknown, IncomingMessage, ServerResponse];
      if (!requestEvents.has(event)) return Reflect.apply(emit, this, parameters);
      if (isHttp2) watch(request, response);
      const opened = opening();
      if (opened === undefined && !intermission.gated) return Reflect.apply(emit, this, parameters);
      const admit = (): void => {
        const proceed = (): void => void Reflect.apply(emit, this, parameters);
        if (intermission.gated) gate(request, response, intermission, proceed);
        else if (!response.destroyed) proceed();
      };
      // Out of the promise, so that what the app throws is an uncaught exception, as it would be without us.
      if (opened === undefined) admit();
      else void opened.then(() => process.nextTick(admit));
      return true;
    };
  }
}
