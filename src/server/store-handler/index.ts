import { chunksOf } from "../../stores/shared/bounded-text.ts";
import { createAnswer, type StoreHandlerOptions } from "./answer.ts";

export type { StoreHandlerOptions } from "./answer.ts";

/**
 * The other side of `httpStore`, as a handler in the manner of the Fetch standard. It answers under every path that ends
 * with `record` or `reports`, and 404 under the others. docs/stores.md has the protocol.
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

/** The part of a request of `node:http` that is used. Express has the same. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly authorization?: string | undefined };
  readonly complete: boolean;
}

/** The part of a response of `node:http` that is used. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string | number>): { end(body: string): unknown };
}

/**
 * The same as a listener of `node:http`, and a handler of Express and its like: to be mounted before what parses bodies.
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
      // What is left of a body that nobody reads must not be taken for the next request.
      const ending = request.complete ? {} : { connection: "close" };
      response
        .writeHead(status, { ...headers, ...ending, "content-length": new TextEncoder().encode(body).length })
        .end(body);
    });
  };
}
