import { setTimeout as pause } from "node:timers/promises";
import { reasonOf } from "../../core/errors.ts";
import {
  createRehearsalId,
  digestOf,
  evidenceHeader,
  openEvidence,
  signRehearsal,
  type Evidence,
} from "../../core/rehearsal.ts";
import { rehearsalHeader } from "../../http/headers.ts";

/** Milliseconds. */
const answerWithin = 10_000;
export const longestBody = 4 * 1024 * 1024;
const firstPause = 100;
const longestPause = 2000;

/** Makes the address unique, so that no cache answers instead of the app. */
const parameter = "intermission-rehearsal";

/** What arrived. */
export interface Arrived {
  /** As requested. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** SHA-256 of the decompressed body, in base64url. */
  readonly body: string;
  /** The decompressed body. */
  readonly content: Uint8Array;
  /** Undefined: none that belongs to this request. */
  readonly evidence: Evidence | undefined;
}

/** An answer, or why there is none. */
export type Outcome = Arrived | { readonly failure: string };

export interface Asking {
  readonly url: URL;
  readonly accept: string;
  readonly app: string;
  readonly id: string;
  readonly key: string;
  /** How long instances may take to learn of the rehearsal. Milliseconds. */
  readonly knownWithin: number;
}

/** Asks for the page until it comes, or every instance must know of the rehearsal. */
export async function askForPage(asking: Asking, begunAt: number): Promise<Outcome> {
  for (let wait = firstPause; ; wait = Math.min(2 * wait, longestPause)) {
    const token = await signRehearsal(asking.app, asking.id, asking.key);
    const url = new URL(asking.url);
    url.search += `${url.search === "" ? "" : "&"}${parameter}=${createRehearsalId()}`;
    const outcome = await ask({ ...asking, url }, token);
    const isOver = performance.now() - begunAt > asking.knownWithin;
    if (isOver || "failure" in outcome || outcome.evidence !== undefined) return outcome;
    await pause(wait);
  }
}

/** @param token Left out: asks like any visitor. */
export async function ask({ url, accept, key }: Asking, token?: string): Promise<Outcome> {
  try {
    const answer = await fetch(url, {
      headers: {
        accept,
        "user-agent": "intermission rehearse",
        ...(token === undefined ? {} : { [rehearsalHeader]: token }),
      },
      redirect: "manual",
      signal: AbortSignal.timeout(answerWithin),
    });
    const content = await readBody(answer);
    const body = await digestOf(content);
    const sealed = answer.headers.get(evidenceHeader);
    const evidence =
      token === undefined || sealed === null ? undefined : await openEvidence(sealed, token, key);
    return { url, status: answer.status, headers: answer.headers, body, content, evidence };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { failure: reasonOf(cause) };
  }
}

/** Up to and beyond `longestBody`: no page is longer. */
export async function readBody({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    length += piece.byteLength;
    if (length > longestBody) break;
  }
  return new Uint8Array(Buffer.concat(pieces));
}
