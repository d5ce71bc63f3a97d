import type { IncomingMessage, ServerResponse } from "node:http";
import { createMiddleware, type Middleware } from "../../http/node/gate.ts";
import { rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

type Next = (error?: unknown) => void;

/**
 * Middleware for Express 4 and 5, and for whatever else calls `(request, response, next)`. Mount it first: it sees every
 * answer of what is mounted after it, sub-apps and error handlers included. While the site is closed, `next` is not
 * called.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
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
 * Error-handling middleware that lets `onMasked` know what was thrown. Mount it after the routes, before the app's own
 * error handlers; it hands every error on.
 */
export function rememberErrors(): (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: Next,
) => void {
  // Express tells error handlers by their four parameters.
  return function rememberErrors(error, _request, response, next) {
    rememberError(response, error);
    next(error);
  };
}
