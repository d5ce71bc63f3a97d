import type { IncomingMessage } from "node:http";
import type { AskedRequest, WebRequest } from "./judge.ts";

/**
 * A request of a Fetch-style server on Node. Its `headers` would build a whole `Headers` object for the three
 * that are needed; Node already has them.
 */
export class NodeRequest implements AskedRequest {
  readonly headers: Pick<Headers, "get">;
  readonly #request: WebRequest;

  constructor(request: WebRequest, { headers }: IncomingMessage) {
    this.#request = request;
    this.headers = {
      get(name) {
        const value = headers[name];
        return Array.isArray(value) ? value.join(", ") : (value ?? null);
      },
    };
  }

  get method(): string {
    return this.#request.method;
  }

  get url(): string {
    return this.#request.url;
  }
}
