import type { IncomingMessage, ServerResponse } from "node:http";
import { gate } from "../../http/node/gate.ts";
import { intercept } from "../../http/node/intercept.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** The parts of a Restify response used here. */
interface Response extends ServerResponse {
  /** What a handler threw or passed to `next`, before Restify answers it. */
  readonly err?: unknown;
}

/**
 * Handler for Restify 11 and 12. Pass it to `pre` first, so that it sees every answer of the server, whether
 * or not a route matched. `restifyError`, `after` and the other events still come. While the site is closed,
 * no other handler is called.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
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
        // Restify counts a request as in flight until told that no handler follows.
        next(false);
      },
    });
  };
}
