import type { IncomingMessage, ServerResponse } from "node:http";
import { reasonOf } from "../core/errors.ts";
import type { GateOutcome, Intermission } from "../core/intermission.ts";
import { admissionHeaders, bypassCookie, bypassLink, type BypassLink } from "./bypass-request.ts";
import { addressOf, setPageHeader, targetOf, targetPath, visitOf } from "./node-header.ts";
import { giveBack } from "./node.ts";

/**
 * Has a request judged before the app is asked, and goes on to the app unless the page is its answer. To be called
 * while {@link Intermission.gated} is true, and before anything was sent.
 *
 * @param proceed Called at most once, and not for a visitor who has gone meanwhile. What it throws is thrown on.
 */
export function gate(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  proceed: () => void,
): void {
  const link = bypassLink(request.method, targetOf(request));
  const outcome = intermission.gate({
    path: targetPath(request),
    address: addressOf(request),
    bypass: bypassCookie(request.headers.cookie),
    link: link?.token,
    request,
  });
  const settle = (known: GateOutcome | undefined): void => {
    if (known === undefined) proceed();
    else answer(request, response, intermission, known, link);
  };
  if (!(outcome instanceof Promise)) {
    settle(outcome);
    return;
  }
  void outcome.then((late) => {
    // Out of the promise, so that what the app throws is an uncaught exception, as it would be without us.
    process.nextTick(() => {
      if (!response.destroyed) settle(late);
    });
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  outcome: GateOutcome,
  link: BypassLink | undefined,
): void {
  giveBack(response);
  try {
    if (outcome === "admitted" && link !== undefined) {
      response.writeHead(302, admissionHeaders(link)).end();
      return;
    }
    const page = intermission.page(visitOf(request, response, []), "closed");
    setPageHeader(request, response, page, []);
    if (request.method === "HEAD") response.end();
    else response.end(page.body);
  } catch (error) {
    intermission.warn({
      code: "page-failed",
      message: `The page could not be sent, so the visitor gets a bare status (${reasonOf(error)})`,
      error,
    });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.statusCode = intermission.settings.statusCode;
    response.end();
  }
}
