import type { CallOptions } from "./call.ts";
import type { Context } from "./context.ts";
import { toFraming } from "./request-head.ts";
import type { Visitor } from "./visitor.ts";

/** They have no body that could be used up, and are safe to repeat: RFC 9110 section 9.2.2. */
const repeatable: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

export function isRepeatable({ request, hasBody, upgrade }: Visitor): boolean {
  return !hasBody && upgrade === undefined && repeatable.has(request.method ?? "GET");
}

/**
 * A visitor's request as sent to an upstream.
 *
 * @param length Of the body, if all of it has arrived.
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
