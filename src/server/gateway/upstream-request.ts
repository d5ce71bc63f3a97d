import type { CallOptions } from "./call.ts";
import type { Context } from "./context.ts";
import { toFraming } from "./request-head.ts";
import type { Visitor } from "./visitor.ts";

/** Without a body, so that nothing of them is spent, and harmless twice: RFC 9110 section 9.2.2. */
const repeatable: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

export function isRepeatable({ request, hasBody, upgrade }: Visitor): boolean {
  return !hasBody && upgrade === undefined && repeatable.has(request.method ?? "GET");
}

/**
 * A visitor's request as an upstream gets it.
 *
 * @param length Of the body, where all of it is here.
 */
export function toCallOptions(
  { request, target, headers, hasBody, upgrade }: Visitor,
  { connectTimeout, timeout, answerIdleTimeout }: Context,
  length: number | undefined,
): CallOptions {
  return {
    method: request.method ?? "GET",
    path: target.path,
    headers: [
      ...headers,
      ...(upgrade === undefined ? [] : ["Connection", "Upgrade", "Upgrade", "websocket"]),
      ...toFraming(request, hasBody, length),
    ],
    hasBody,
    connectTimeout,
    timeout,
    idleTimeout: answerIdleTimeout,
  };
}
