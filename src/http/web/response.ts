/*
 * Servers on Node have classes of responses of their own, which keep what they were made of, and send it as it is. Asked
 * for its `body`, such a response makes a native one of itself, with a stream, which costs as much as all the rest of an
 * answer. Where nothing is known of a class, it is taken for a native one.
 */

/** A response of srvx on Node (h3, Nitro): it gives its server what it was made of, and is empty from then on. */
interface SrvxResponse extends Response {
  _toNodeResponse(): { readonly body?: unknown };
}

function isOfSrvx(response: Response): response is SrvxResponse {
  return "_toNodeResponse" in response;
}

/** The class in which the server of a response sends bytes with the least to do. */
export function classOf(response: Response): typeof Response {
  return isOfSrvx(response) ? (response.constructor as typeof Response) : Response;
}

/** Lets what produces the body of a response stop, since nobody will read it. The response is of no use afterwards. */
export function abandon(response: Response): void {
  if (isOfSrvx(response)) stop(response._toNodeResponse().body);
  else if (!isWhole(response)) stop(response.body);
}

/** @param body A stream of either kind. Whatever else it is has been produced. */
function stop(body: unknown): void {
  if (body instanceof ReadableStream) body.cancel().catch(() => undefined);
  else if (isNodeStream(body)) body.destroy();
}

function isNodeStream(body: unknown): body is { destroy(): void } {
  return typeof body === "object" && body !== null && "destroy" in body && typeof body.destroy === "function";
}

/** Whether a response of `@hono/node-server` is known to have its body already, as text or bytes. */
function isWhole(response: Response): boolean {
  for (const symbol of Object.getOwnPropertySymbols(response)) {
    // Status, body and headers, for as long as nobody has asked for more.
    if (symbol.description !== "cache") continue;
    const kept: unknown = Reflect.get(response, symbol);
    if (!Array.isArray(kept)) continue;
    const body: unknown = kept[1];
    return typeof body === "string" || body instanceof Uint8Array || body === null;
  }
  return false;
}
