import type { Intermission } from "../../core/intermission.ts";
import { gateRequest } from "./gate.ts";
import { judgeResponse, judgeThrown, type WebExchange } from "./judge.ts";

/**
 * Runs a Fetch-style handler. If it throws while the verdict is `maintenance`, the page replaces the answer
 * and the error is logged; otherwise the error is rethrown. While the site is closed, the handler is not
 * called. No promise if the handler returned none.
 *
 * @param errorOf What the app threw, if it answered the error itself.
 */
export function serveRequest(
  exchange: WebExchange,
  intermission: Intermission,
  handler: () => Response | Promise<Response>,
  errorOf?: () => unknown,
): Response | Promise<Response> {
  if (intermission.gated) return passGate(exchange, intermission, handler, errorOf);
  let response: Response | Promise<Response>;
  try {
    response = handler();
  } catch (error) {
    return answerThrown(exchange, intermission, error);
  }
  if ("status" in response) return judgeResponse(exchange, response, intermission, errorOf?.());
  return awaitResponse(exchange, intermission, response, errorOf);
}

async function passGate(
  exchange: WebExchange,
  intermission: Intermission,
  handler: () => Response | Promise<Response>,
  errorOf?: () => unknown,
): Promise<Response> {
  const answer = await gateRequest(exchange, intermission);
  if (answer !== undefined) return answer;
  return awaitResponse(exchange, intermission, (async () => handler())(), errorOf);
}

async function awaitResponse(
  exchange: WebExchange,
  intermission: Intermission,
  promise: Promise<Response>,
  errorOf?: () => unknown,
): Promise<Response> {
  let response: Response;
  try {
    response = await promise;
  } catch (error) {
    return answerThrown(exchange, intermission, error);
  }
  return judgeResponse(exchange, response, intermission, errorOf?.());
}

/** Rejects with the error if it is regular. */
async function answerThrown(
  exchange: WebExchange,
  intermission: Intermission,
  error: unknown,
): Promise<Response> {
  const page = await judgeThrown(exchange, error, intermission);
  if (page === undefined) throw error;
  intermission.settings.logger.error(
    "[intermission] The handler threw; the visitor got the maintenance page:",
    error,
  );
  return page;
}
