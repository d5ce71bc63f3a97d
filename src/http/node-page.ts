import type { IncomingMessage, ServerResponse } from "node:http";
import { causeOf, type Verdict } from "../core/decide.ts";
import { reasonOf } from "../core/errors.ts";
import type { Intermission } from "../core/intermission.ts";
import { withDetails } from "./masked-answer.ts";
import { setPageHeader, targetPath, visitOf, type GivenHeaders } from "./node-header.ts";
import type { Originals } from "./node-methods.ts";

/** A response that is watched, and what it answers. */
export interface Watched {
  readonly intermission: Intermission;
  readonly request: IncomingMessage;
  /** The framework's own request, or Node's. */
  readonly own: object;
  /** The methods of the response as they were. */
  readonly originals: Originals;
  /** What the app threw, as far as it is known. */
  readonly error: unknown;
}

/** Puts the page in the place of what the app was about to send. False: it could not be sent, and nothing was. */
export function sendPage(
  response: ServerResponse,
  watched: Watched,
  verdict: Verdict,
  status: number,
  given: GivenHeaders,
): boolean {
  const { intermission, request, originals } = watched;
  try {
    const page = intermission.page(visitOf(request, response, given), causeOf(verdict));
    setPageHeader(request, response, page, given);
    // Left to the methods below, a compressor that was not asked yet would announce the page as its own work.
    Reflect.apply(originals.writeHead, response, [page.status]);
    // The page is complete with its Content-Length; the end is left to the app, so that its callbacks and `finish` come
    // when it has written all, as ever.
    if (request.method === "HEAD" || page.body.byteLength === 0) {
      Reflect.apply(originals.flushHeaders, response, []);
    } else {
      Reflect.apply(originals.write, response, [page.body]);
    }
  } catch (failure) {
    intermission.warn({
      code: "page-failed",
      message: `The page could not be sent (${reasonOf(failure)}); the error stays regular`,
      error: failure,
    });
    return response.headersSent;
  }
  tell(watched, verdict, status);
  return true;
}

/** Tells of an error that the visitor did not see; or would not have seen, had it not been only observed. */
export function tell(
  { intermission, request, own, error }: Watched,
  { reason, observed }: Verdict,
  status: number,
): void {
  const answer = {
    status,
    method: request.method ?? "GET",
    path: targetPath(request, own),
    reason,
    request: own,
  };
  intermission.masked(withDetails(answer, error, observed));
}
