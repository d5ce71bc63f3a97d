import type { IncomingMessage, ServerResponse } from "node:http";
import { gate } from "../../http/node-gate.ts";
import { intercept, rememberError } from "../../http/node.ts";
import { intermissionFrom, type AdapterOptions } from "../../intermission.ts";

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
export function maintenancePage(
  options?: AdapterOptions,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const intermission = intermissionFrom(options);
  return function maintenancePage(request, response, next) {
    if (intermission.gated) {
      gate(request, response, intermission, () => {
        intercept(request, response, intermission);
        next();
      });
      return;
    }
    intercept(request, response, intermission);
    next();
  };
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
