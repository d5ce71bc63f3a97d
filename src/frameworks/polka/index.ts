import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "../../http/node/listener.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/**
 * Middleware for Polka. Use it first: it sees every answer of what is used after it, `onError` and mounted apps
 * included. While the site is closed, `next` is not called.
 *
 * Polka 0.5 catches nothing: what a handler throws, or a promise of it that is rejected, has the page in its place and
 * is logged, while the verdict is `maintenance`. Otherwise it goes where it always went.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
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
