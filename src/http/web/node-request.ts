import type { IncomingMessage } from "node:http";
import type { AskedRequest, WebRequest } from "./judge.ts";

/**
 * A request on a server of Node that speaks the Fetch standard. Asked for its headers, such a request makes `Headers` of
 * them all, for one that wants three; Node has them already.
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
