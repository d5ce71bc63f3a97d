import type { IncomingMessage } from "node:http";
import { addressOf } from "../node/header.ts";

/** A Fetch request, a Node request, or anything with headers like theirs. */
export interface CallRequest {
  readonly headers?: unknown;
}

/** A header of either kind of request, by its lower-case name. */
export function headerOf(request: CallRequest | undefined, name: string): string | undefined {
  const headers = request?.headers;
  if (typeof headers !== "object" || headers === null) return undefined;
  const value: unknown = isReadable(headers) ? headers.get(name) : (headers as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}

/** Fetch `Headers` and maps. */
function isReadable(headers: object): headers is { get(name: string): unknown } {
  return "get" in headers && typeof headers.get === "function";
}

/** The client's address, for a request of Node or of a framework that has one. */
export function addressOfCall(request: CallRequest | undefined): string | undefined {
  if (typeof request !== "object" || !("socket" in request || "ip" in request)) return undefined;
  return addressOf(request as IncomingMessage, request as { readonly ip?: unknown });
}
