import { serveRequest } from "../../http/web/serve.ts";
import type { WebRequest } from "../../http/web/judge.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/**
 * Wraps a Fetch handler: `Request` in, `Response` out. Further arguments (an environment, a context) are
 * passed through.
 *
 * If the handler throws while the verdict is `maintenance`, the page is returned and the error logged.
 * Otherwise the error goes to the runtime.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
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
