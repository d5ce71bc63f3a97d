import type { IncomingMessage, ServerResponse } from "node:http";
import { gate } from "../../http/node/gate.ts";
import { intercept } from "../../http/node/intercept.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** What is used of a response of Restify. */
interface Response extends ServerResponse {
  /** What a handler threw or handed to `next`, from before Restify answers it. */
  readonly err?: unknown;
}

/**
 * Handler for Restify 11 and 12. Give it to `pre`, first: it sees every answer of the server, whether or not a route was
 * found. `restifyError`, `after` and the other events come as ever. While the site is closed, no other handler is
 * called.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
 * @example
 * ```ts
 * const server = restify.createServer();
 * server.pre(maintenancePage());
 * ```
 */
export function maintenancePage(
  options?: AdapterOptions,
): (request: IncomingMessage, response: ServerResponse, next: (stop?: false) => void) => void {
  const intermission = intermissionFrom(options);
  return function maintenancePage(request, response: Response, next) {
    const proceed = (): void => {
      intercept(request, response, intermission, request, () => response.err);
      next();
    };
    if (!intermission.gated) {
      proceed();
      return;
    }
    gate(request, response, intermission, proceed, {
      instead() {
        // Restify counts a request as in flight until it is told that no handler follows.
        next(false);
      },
    });
  };
}
