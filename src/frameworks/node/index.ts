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
 * If a listener throws or its promise rejects before it has answered and the verdict is `maintenance`, the
 * page is sent and the error logged. Otherwise the error leaves the listener as usual. While the site is
 * closed, the listener is not called. Upgrades never reach a listener and are left alone.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
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
