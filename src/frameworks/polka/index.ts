import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "../../http/node/listener.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/**
 * Middleware for Polka. Use it first, so that it sees every answer after it, including `onError` and mounted
 * apps. While the site is closed, `next` is not called.
 *
 * Polka 0.5 catches nothing. If a handler throws or rejects while the verdict is `maintenance`, the page is
 * sent and the error logged. Otherwise the error goes where it would without us.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * polka().use(maintenancePage());
 * ```
 */
export function maintenancePage(
  options?: AdapterOptions,
): (request: IncomingMessage, response: ServerResponse, next: () => unknown) => unknown {
  const intermission = intermissionFrom(options);
  return function maintenancePage(request, response, next) {
    return serve(request, response, intermission, next);
  };
}
