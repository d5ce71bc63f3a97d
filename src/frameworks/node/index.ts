import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "../../http/node/listener.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

type Listener<Request extends IncomingMessage, Response extends ServerResponse> = (
  request: Request,
  response: Response,
) => unknown;

/**
 * Wraps the listener of a bare `node:http`, `node:https` or `node:http2` server.
 *
 * A listener that throws, or whose promise is rejected, before it answered has the page sent in its place and its error
 * logged, while the verdict is `maintenance`. Otherwise the error goes where it always went: out of the listener. While
 * the site is closed, the listener is not called. Upgrades are left alone: they never reach a listener.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
 * @example
 * ```ts
 * http.createServer(maintenancePage(listener)).listen(3000);
 * ```
 */
export function maintenancePage<
  Request extends IncomingMessage = IncomingMessage,
  Response extends ServerResponse = ServerResponse,
>(listener: Listener<Request, Response>, options?: AdapterOptions): Listener<Request, Response> {
  const intermission = intermissionFrom(options);
  return function maintenancePage(request, response) {
    return serve(request, response, intermission, () => listener(request, response));
  };
}
