import type { Intermission } from "../core/intermission.ts";
import { gateRequest } from "./web-gate.ts";
import { judgeResponse, judgeThrown, type WebVisit } from "./web.ts";

/**
 * Has a handler answer in the manner of the Fetch standard. One that throws has the page in its place and its error
 * logged, while the verdict is `maintenance`; otherwise the error is thrown on. While the site is closed, the handler is
 * not called.
 *
 * @param errorOf What the app threw, where it answered itself and is known to have thrown.
 */
export async function serveRequest(
  visit: WebVisit,
  intermission: Intermission,
  handler: () => Response | Promise<Response>,
  errorOf?: () => unknown,
): Promise<Response> {
  const answer = intermission.gated ? await gateRequest(visit, intermission) : undefined;
  if (answer !== undefined) return answer;
  let response: Response;
  try {
    response = await handler();
  } catch (error) {
    const page = await judgeThrown(visit, error, intermission);
    if (page === undefined) throw error;
    intermission.settings.logger.error(
      "[intermission] The handler threw; the visitor got the maintenance page:",
      error,
    );
    return page;
  }
  return judgeResponse(visit, response, intermission, errorOf?.());
}
