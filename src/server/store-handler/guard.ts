import { IntermissionError } from "../../core/errors.ts";
import { expectedToken, isToken } from "../../stores/http/address.ts";

/** What a token's holder may do. Each includes those after it. */
export type Right = "write" | "report" | "read";

export interface GuardOptions {
  readonly token: string | readonly string[];
  readonly reportToken?: string | readonly string[] | undefined;
  readonly readToken?: string | readonly string[] | undefined;
}

/** Each request is compared with all of them. */
const maximumTokens = 10;

/**
 * The right that an `Authorization` header gives. undefined: none.
 *
 * Compares digests, so that the time reveals nothing about the tokens.
 *
 * @throws IntermissionError `bad-option`
 */
export function createGuard({
  token,
  reportToken,
  readToken = [],
}: GuardOptions): (authorization: string | undefined) => Promise<Right | undefined> {
  const writing = toTokens("token", token);
  const reporting = toTokens("reportToken", reportToken ?? []);
  const reading = toTokens("readToken", readToken);
  if (writing.length === 0) throw unusable("token", "none");
  refuseSame({ token: writing, reportToken: reporting, readToken: reading });
  const withRight = (right: Right, tokens: readonly string[]) =>
    tokens.map((one) => ({ right, digest: digestOf(one) }));
  const known = [
    ...withRight("write", writing),
    ...withRight("report", reporting),
    // Version 0.1 had no other token for instances.
    ...withRight(reportToken === undefined ? "report" : "read", reading),
  ];
  // The first request reports a runtime without WebCrypto; until then, nobody handles the rejection.
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

function toTokens(name: string, given: unknown): readonly string[] {
  const tokens: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (tokens.length > maximumTokens) throw unusable(name, `${String(tokens.length)} of them`);
  return tokens.map((token) => {
    if (isToken(token)) return token;
    throw unusable(name, typeof token === "string" ? `one of ${String(token.length)} characters` : "none");
  });
}

function refuseSame(tokens: Readonly<Record<string, readonly string[]>>): void {
  const names = new Map<string, string>();
  for (const [name, list] of Object.entries(tokens)) {
    for (const one of list) {
      const other = names.get(one) ?? name;
      if (other !== name) {
        throw new IntermissionError("bad-option", {
          problem: `The options ${other} and ${name} of the store's handler are the same`,
          expected: "a token for each right",
          remedy: `Leave ${name} out, or give its holders a token of their own.`,
        });
      }
      names.set(one, name);
    }
  }
}

function unusable(name: string, got: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: `The option ${name} of the store's handler can't be used`,
    expected: `${expectedToken}; or a list of up to ${String(maximumTokens)}`,
    got,
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
