import type { IncomingMessage, ServerResponse } from "node:http";
import { createMiddleware, type Middleware } from "../../http/node/gate.ts";
import { rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

type Next = (error?: unknown) => void;

/**
 * Middleware for Express 4 and 5, and for anything else that calls `(request, response, next)`. Mount it
 * first, so that it sees every answer after it, including those of sub-apps and error handlers. While the
 * site is closed, `next` is not called.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * const app = express();
 * app.use(maintenancePage());
 * ```
 */
export function maintenancePage(options?: AdapterOptions): Middleware {
  return createMiddleware(intermissionFrom(options));
}

/**
 * Error-handling middleware that tells `onMasked` what was thrown. Mount it after the routes, before the
 * app's own error handlers; it passes every error on.
 */
export function rememberErrors(): (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: Next,
) => void {
  // Express recognizes error handlers by their four parameters.
  return function rememberErrors(error, _request, response, next) {
    rememberError(response, error);
    next(error);
  };
}
