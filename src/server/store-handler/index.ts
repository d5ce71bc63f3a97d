import { chunksOf } from "../../stores/shared/bounded-text.ts";
import { createAnswer, type StoreHandlerOptions } from "./answer.ts";

export type { StoreHandlerOptions } from "./answer.ts";

/**
 * The other side of `httpStore`, as a Fetch handler. It answers on every path that ends with `record` or
 * `reports`, and with 404 on others. docs/stores.md describes the protocol.
 *
 * @throws IntermissionError `bad-option`
 */
export function storeHandler(options: StoreHandlerOptions): (request: Request) => Promise<Response> {
  const answer = createAnswer(options);
  return async function storeHandler(request) {
    const { status, headers, body } = await answer({
      method: request.method,
      url: request.url,
      authorization: request.headers.get("authorization") ?? undefined,
      body: () => chunksOf(request.body),
    });
    return new Response(body, { status, headers });
  };
}

/** The part of a `node:http` request that is used. Express's fits too. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly authorization?: string | undefined };
  readonly complete: boolean;
}

/** The part of a `node:http` response that is used. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string | number>): { end(body: string): unknown };
}

/**
 * The same as a `node:http` listener, and a handler for Express and the like: mount it before any body
 * parser.
 *
 * @throws IntermissionError `bad-option`
 */
export function storeListener(
  options: StoreHandlerOptions,
): (request: NodeRequest, response: NodeResponse) => void {
  const answer = createAnswer(options);
  return function storeListener(request, response) {
    void answer({
      method: request.method ?? "GET",
      url: request.url ?? "/",
      authorization: request.headers.authorization,
      body: () => request,
    }).then(({ status, headers, body }) => {
      // The unread rest of a body must not be taken for the next request.
      const ending = request.complete ? {} : { connection: "close" };
      response
        .writeHead(status, { ...headers, ...ending, "content-length": new TextEncoder().encode(body).length })
        .end(body);
    });
  };
}
