/*
 * Servers on Node have their own response classes, which keep what they were made from and send it directly.
 * Reading `body` of such a response makes a native one with a stream, which costs as much as the rest of the
 * answer. Unknown classes are treated as native.
 */

/** A response of srvx on Node (h3, Nitro): it gives its source to the server and is empty after that. */
interface SrvxResponse extends Response {
  _toNodeResponse(): { readonly body?: unknown };
}

function isOfSrvx(response: Response): response is SrvxResponse {
  return "_toNodeResponse" in response;
}

/** The response class whose bytes a server sends most cheaply. */
export function classOf(response: Response): typeof Response {
  return isOfSrvx(response) ? (response.constructor as typeof Response) : Response;
}

/**
 * Stops whatever produces a response's body, because nobody will read it. The response is unusable
 * afterwards.
 */
export function abandon(response: Response): void {
  if (isOfSrvx(response)) stop(response._toNodeResponse().body);
  else if (!isWhole(response)) stop(response.body);
}

/** @param body A stream of either kind. Anything else is already complete. */
function stop(body: unknown): void {
  if (body instanceof ReadableStream) body.cancel().catch(() => undefined);
  else if (isNodeStream(body)) body.destroy();
}

function isNodeStream(body: unknown): body is { destroy(): void } {
  return typeof body === "object" && body !== null && "destroy" in body && typeof body.destroy === "function";
}

/** Whether a response of `@hono/node-server` already has its whole body, as text or bytes. */
function isWhole(response: Response): boolean {
  for (const symbol of Object.getOwnPropertySymbols(response)) {
    // Holds status, body and headers until somebody needs more.
    if (symbol.description !== "cache") continue;
    const kept: unknown = Reflect.get(response, symbol);
    if (!Array.isArray(kept)) continue;
    const body: unknown = kept[1];
    return typeof body === "string" || body instanceof Uint8Array || body === null;
  }
  return false;
}
