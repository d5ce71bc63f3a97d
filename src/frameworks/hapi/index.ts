import type { IncomingMessage, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "../../http/node/gate.ts";
import { intercept, rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** The parts of a hapi request used here. */
interface Request {
  readonly raw: { readonly req: IncomingMessage; readonly res: ServerResponse };
  readonly response: unknown;
}

/** The parts of hapi's response toolkit used here. */
interface Toolkit {
  readonly abandon: symbol;
  readonly continue: symbol;
}

/** The parts of a hapi server used here. */
interface Server {
  ext(
    event: "onRequest" | "onPreResponse",
    method: (request: Request, h: Toolkit) => symbol | Promise<symbol>,
  ): void;
  ext(event: "onPostStop", method: () => Promise<void>): void;
}

/**
 * Plugin for hapi 21. Register it first, so that it sees every answer of the server. While the site is
 * closed, no handler is called. An intermission it made itself is closed with the server.
 *
 * @example
 * ```ts
 * await server.register({ plugin: maintenancePage, options: {} });
 * ```
 */
export const maintenancePage = {
  name: "intermission",

  /** @throws IntermissionError if an option or environment variable is invalid. */
  register(server: Server, options: AdapterOptions): void {
    const intermission = intermissionFrom(options);
    server.ext("onRequest", (request, h) => {
      if (!intermission.gated) {
        intercept(request.raw.req, request.raw.res, intermission, request);
        return h.continue;
      }
      return passGate(request, h, intermission);
    });
    server.ext("onPreResponse", (request, h) => {
      const { raw, response } = request;
      if (response instanceof Error) rememberError(raw.res, response);
      return h.continue;
    });
    if (!isShared(options)) server.ext("onPostStop", () => intermission.close());
  },
};

function passGate(request: Request, h: Toolkit, intermission: Intermission): Promise<symbol> {
  const { req, res } = request.raw;
  return new Promise((resolve) => {
    const proceed = (): void => {
      intercept(req, res, intermission, request);
      resolve(h.continue);
    };
    const instead = (): void => {
      resolve(h.abandon);
    };
    gate(req, res, intermission, proceed, { frameworkRequest: request, instead });
  });
}
