import type { IncomingMessage } from "node:http";
import { addressOf } from "../node/header.ts";

/** A request of the Fetch standard, one of Node, or what has headers as either of them. */
export interface CallRequest {
  readonly headers?: unknown;
}

/** A header of whatever kind of request, by its lower-case name. */
export function headerOf(request: CallRequest | undefined, name: string): string | undefined {
  const headers = request?.headers;
  if (typeof headers !== "object" || headers === null) return undefined;
  const value: unknown = isReadable(headers) ? headers.get(name) : (headers as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}

/** `Headers` of the Fetch standard, and maps. */
function isReadable(headers: object): headers is { get(name: string): unknown } {
  return "get" in headers && typeof headers.get === "function";
}

/** The client's address, where it is a request of Node or of a framework that has one. */
export function addressOfCall(request: CallRequest | undefined): string | undefined {
  if (typeof request !== "object" || !("socket" in request || "ip" in request)) return undefined;
  return addressOf(request as IncomingMessage, request as { readonly ip?: unknown });
}
