import type { IncomingMessage, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "./gate.ts";
import { answerThrown, intercept } from "./intercept.ts";

/**
 * Runs a listener that may throw or return a promise that rejects. If it fails before it answered and the
 * verdict is `maintenance`, the page is sent and the error logged; otherwise the error goes where it would
 * without us. While the site is closed, the listener is not called.
 *
 * @returns What the listener returned, but a promise does not reject if the page was sent.
 */
export function serve(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  listener: () => unknown,
): unknown {
  if (!intermission.gated) return listen(request, response, intermission, listener);
  gate(request, response, intermission, () => void listen(request, response, intermission, listener));
  return undefined;
}

function listen(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  listener: () => unknown,
): unknown {
  intercept(request, response, intermission);
  let result: unknown;
  try {
    result = listener();
  } catch (error) {
    // Rethrown outside any promise, so that an uncaught exception stays one.
    return answerError(response, intermission, error).catch((regular: unknown) => {
      process.nextTick(() => {
        throw regular;
      });
    });
  }
  if (result instanceof Promise)
    return result.catch((error: unknown) => answerError(response, intermission, error));
  return result;
}

async function answerError(
  response: ServerResponse,
  { settings: { logger } }: Intermission,
  error: unknown,
): Promise<void> {
  if (!(await answerThrown(response, error))) throw error;
  logger.error("[intermission] The listener threw; the visitor got the maintenance page:", error);
}
