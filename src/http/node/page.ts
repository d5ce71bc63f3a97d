import type { IncomingMessage, ServerResponse } from "node:http";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission, Replacement } from "../../core/intermission.ts";
import { keepOriginalStatus } from "../../core/original-status.ts";
import { setPageHeader, type GivenHeaders } from "./header.ts";
import type { Originals } from "./methods.ts";
import { makeReady } from "../ready-page.ts";

const nothing: Buffer = Buffer.alloc(0);

/** A response that is watched, and what it answers. */
export interface Watched {
  readonly intermission: Intermission;
  readonly request: IncomingMessage;
  /** The methods of the response as they were. */
  readonly originals: Originals;
}

/**
 * Makes the header of a response that of the page, to be sent with the body. The body is left to what the app does next,
 * so that its callbacks and `finish` come when it has written all, as ever.
 *
 * @returns The body; empty where there is to be none. Undefined: the page could not be sent, and nothing was.
 */
export function sendHeader(
  response: ServerResponse,
  { intermission, request, originals }: Watched,
  replacement: Replacement,
  given: GivenHeaders,
): Buffer | undefined {
  const { page } = replacement;
  try {
    const headers = setPageHeader(request, response, page, given);
    // Left to the methods below, a compressor that was not asked yet would announce the page as its own work.
    Reflect.apply(originals.writeHead, response, [page.status, headers]);
  } catch (failure) {
    warnOfPage(intermission, failure);
    return response.headersSent ? nothing : undefined;
  }
  keepOriginalStatus(response, replacement.originalStatus);
  replacement.sent();
  return request.method === "HEAD" ? nothing : makeReady(page).body;
}

export function warnOfPage(intermission: Intermission, error: unknown): void {
  intermission.warn({
    code: "page-failed",
    message: `The page could not be sent (${reasonOf(error)}); the error stays regular`,
    error,
  });
}
