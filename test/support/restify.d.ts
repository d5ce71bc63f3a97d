/** The parts of Restify used here: it has no types. */
declare module "restify" {
  import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";

  export interface Request extends IncomingMessage {
    header(name: string): string | undefined;
  }

  export interface Response extends ServerResponse {
    header(name: string, value: string): unknown;
    redirect(location: string, next: Next): void;
    send(body: unknown): unknown;
    send(status: number, body?: unknown): unknown;
  }

  export type Next = (error?: unknown) => void;

  /** One with fewer than three parameters must be an async function. */
  export type Handler = (request: Request, response: Response, next: Next) => unknown;

  export interface Server {
    readonly server: HttpServer;
    readonly name: string;
    pre(...handlers: readonly Handler[]): Server;
    use(...handlers: readonly Handler[]): Server;
    get(path: string, ...handlers: readonly Handler[]): unknown;
    head(path: string, ...handlers: readonly Handler[]): unknown;
    post(path: string, ...handlers: readonly Handler[]): unknown;
    inflightRequests(): number;
    listen(port: number): unknown;
    on(
      event: "restifyError" | "InternalServer" | "NotFound",
      listener: (request: Request, response: Response, error: Error, callback: () => void) => void,
    ): Server;
    on(
      event: "after",
      listener: (request: Request, response: Response, route: unknown, error: unknown) => void,
    ): Server;
    on(
      event: "uncaughtException",
      listener: (request: Request, response: Response, route: unknown, error: Error) => void,
    ): Server;
  }

  export function createServer(options?: {
    readonly name?: string;
    readonly handleUncaughtExceptions?: boolean;
  }): Server;
}
