import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "../../http/node/gate.ts";
import { intercept, rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** The parts of a Fastify request used here. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
}

/** The parts of a Fastify reply used here. */
interface FastifyReply {
  readonly raw: ServerResponse;
  getHeaders(): Readonly<Record<string, OutgoingHttpHeader | undefined>>;
  hijack(): unknown;
}

/** The parts of a Fastify instance used here. */
interface FastifyInstance {
  addHook(
    name: "onRequest",
    hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void,
  ): unknown;
  addHook(
    name: "onError",
    hook: (request: FastifyRequest, reply: FastifyReply, error: Error, done: () => void) => void,
  ): unknown;
  addHook(name: "onClose", hook: (instance: unknown) => Promise<void>): unknown;
}

/**
 * Plugin for Fastify 4 and 5. Register it first, so that it sees every reply of its instance and the plugins
 * in it, including error handlers. It creates no scope, so it needs no `fastify-plugin`. While the site is
 * closed, no handler is called. An intermission it made itself is closed with the app.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * const app = fastify();
 * await app.register(maintenancePage);
 * ```
 */
export async function maintenancePage(app: FastifyInstance, options?: AdapterOptions): Promise<void> {
  const intermission = intermissionFrom(options);
  addHooks(app, intermission);
  if (!isShared(options)) app.addHook("onClose", () => intermission.close());
}

// As `fastify-plugin` does: the hooks belong to the instance, not to a scope inside it.
Object.assign(maintenancePage, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "intermission",
  [Symbol.for("plugin-meta")]: { name: "intermission", fastify: ">=4" },
});

function addHooks(app: FastifyInstance, intermission: Intermission): void {
  app.addHook("onRequest", (request, reply, done) => {
    const proceed = (): void => {
      intercept(request.raw, reply.raw, intermission, request);
      done();
    };
    if (!intermission.gated) {
      proceed();
      return;
    }
    gate(request.raw, reply.raw, intermission, proceed, {
      frameworkRequest: request,
      instead() {
        // Set by earlier hooks: Fastify would send them with its own answer.
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined && !reply.raw.headersSent) reply.raw.setHeader(name, value);
        reply.hijack();
      },
    });
  });
  app.addHook("onError", (_request, reply, error, done) => {
    rememberError(reply.raw, error);
    done();
  });
}
