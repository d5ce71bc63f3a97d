import { serveRequest } from "../../http/web/serve.ts";
import type { WebRequest } from "../../http/web/judge.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/**
 * Wraps a handler in the manner of the Fetch standard: `Request` in, `Response` out. What follows the request (an
 * environment, a context) is handed through.
 *
 * A handler that throws has the page in its place and its error logged, while the verdict is `maintenance`. Otherwise
 * the error goes to the runtime.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
 * @example
 * ```ts
 * export default { fetch: maintenancePage(handler) };
 * ```
 */
export function maintenancePage<Received extends WebRequest, Rest extends unknown[]>(
  handler: (request: Received, ...rest: Rest) => Response | Promise<Response>,
  options?: AdapterOptions,
): (request: Received, ...rest: Rest) => Promise<Response> {
  const intermission = intermissionFrom(options);
  return async function maintenancePage(this: unknown, request, ...rest) {
    return serveRequest({ request, frameworkRequest: request }, intermission, () =>
      Reflect.apply(handler, this, [request, ...rest]),
    );
  };
}
