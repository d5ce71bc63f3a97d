import type { IncomingMessage, ServerResponse } from "node:http";
import { causeOf, type Verdict } from "../../core/decide.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission } from "../../core/intermission.ts";
import { withDetails } from "../masked-answer.ts";
import { setPageHeader, targetPath, visitOf, type GivenHeaders } from "./header.ts";
import type { Originals } from "./methods.ts";
import { makeReady } from "../ready-page.ts";

const nothing: Buffer = Buffer.alloc(0);

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

/**
 * Makes the header of a response that of the page, to be sent with the body. The body is left to what the app does next,
 * so that its callbacks and `finish` come when it has written all, as ever.
 *
 * @returns The body; empty where there is to be none. Undefined: the page could not be made, and nothing was sent.
 */
export function sendHeader(
  response: ServerResponse,
  watched: Watched,
  verdict: Verdict,
  status: number,
  given: GivenHeaders,
): Buffer | undefined {
  const { intermission, request, originals } = watched;
  let body = nothing;
  try {
    const page = intermission.page(visitOf(request, response, given, status), causeOf(verdict));
    const headers = setPageHeader(request, response, page, given);
    // Left to the methods below, a compressor that was not asked yet would announce the page as its own work.
    Reflect.apply(originals.writeHead, response, [page.status, headers]);
    if (request.method !== "HEAD") ({ body } = makeReady(page));
  } catch (failure) {
    intermission.warn({
      code: "page-failed",
      message: `The page could not be sent (${reasonOf(failure)}); the error stays regular`,
      error: failure,
    });
    return response.headersSent ? nothing : undefined;
  }
  tell(watched, verdict, status);
  return body;
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
