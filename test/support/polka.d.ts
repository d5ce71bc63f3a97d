/** Polka 0.5 has no types: these cover what the tests and the example use. */
declare module "polka" {
  import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

  export type Handler = (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => unknown;

  export interface Polka {
    readonly handler: RequestListener;
    use(...handlers: (Handler | Polka | string)[]): this;
    add(method: string, path: string, ...handlers: Handler[]): this;
    get(path: string, ...handlers: Handler[]): this;
    listen(port: number): this;
  }

  export default function polka(options?: {
    readonly onError?: (error: Error, ...rest: Parameters<Handler>) => void;
  }): Polka;
}
