import type { IncomingMessage, ServerResponse } from "node:http";
import { gate } from "../../http/node-gate.ts";
import { answerThrown, intercept } from "../../http/node.ts";
import { intermissionFrom, type AdapterOptions } from "../../intermission.ts";

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
  const { logger } = intermission.settings;

  async function afterThrow(response: Response, error: unknown): Promise<void> {
    if (!(await answerThrown(response, error))) throw error;
    logger.error("[intermission] The listener threw; the visitor got the maintenance page:", error);
  }

  function serve(request: Request, response: Response): unknown {
    intercept(request, response, intermission);
    let result: unknown;
    try {
      result = listener(request, response);
    } catch (error) {
      // Thrown anew outside of any promise, what was an uncaught exception stays one.
      return afterThrow(response, error).catch((regular: unknown) => {
        process.nextTick(() => {
          throw regular;
        });
      });
    }
    if (result instanceof Promise) return result.catch((error: unknown) => afterThrow(response, error));
    return result;
  }

  return function maintenancePage(request, response) {
    if (!intermission.gated) return serve(request, response);
    gate(request, response, intermission, () => void serve(request, response));
    return undefined;
  };
}
