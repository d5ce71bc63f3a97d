import { IntermissionError } from "../../core/errors.ts";
import { expectedToken, isToken } from "../../stores/http/protocol.ts";

/** What the holder of a token may do. */
export type Right = "write" | "read";

export interface GuardOptions {
  readonly token: string;
  readonly readToken?: string | undefined;
}

/**
 * The right of whoever sends an `Authorization` header; undefined: none.
 *
 * Digests are compared, in a time that tells nothing of the tokens.
 *
 * @throws IntermissionError `bad-option`
 */
export function createGuard({
  token,
  readToken,
}: GuardOptions): (authorization: string | undefined) => Promise<Right | undefined> {
  refuseUnusable("token", token);
  if (readToken !== undefined) refuseUnusable("readToken", readToken);
  if (token === readToken) {
    throw new IntermissionError("bad-option", {
      problem: "The options token and readToken of the store's handler are the same",
      expected: "two tokens",
      remedy: "Leave readToken out, or give instances a token of their own.",
    });
  }
  const known = [
    { right: "write" as const, digest: digestOf(token) },
    ...(readToken === undefined ? [] : [{ right: "read" as const, digest: digestOf(readToken) }]),
  ];
  // Who asks first is told of a runtime without WebCrypto; until then, nobody handles it.
  for (const { digest } of known) digest.catch(() => undefined);

  return async function rightOf(authorization) {
    const [, given] = /^Bearer +(\S{1,600}) *$/i.exec(authorization ?? "") ?? [];
    if (given === undefined) return undefined;
    const digest = await digestOf(given);
    let right: Right | undefined;
    for (const one of known) if (isSame(await one.digest, digest)) right = one.right;
    return right;
  };
}

function refuseUnusable(name: string, value: unknown): void {
  if (isToken(value)) return;
  throw new IntermissionError("bad-option", {
    problem: `The option ${name} of the store's handler can't be used`,
    expected: expectedToken,
    got: typeof value === "string" ? `one of ${String(value.length)} characters` : "none",
    remedy: "Whoever has it can show the page to all visitors: choose it at random, and keep it secret.",
  });
}

async function digestOf(text: string): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index++) {
    difference |= (one[index] ?? 0) ^ (other[index] ?? 0);
  }
  return difference === 0;
}
