import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "../../http/node/gate.ts";
import { intercept, rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** What is used of a request of Fastify. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
}

/** What is used of a reply of Fastify. */
interface FastifyReply {
  readonly raw: ServerResponse;
  getHeaders(): Readonly<Record<string, OutgoingHttpHeader | undefined>>;
  hijack(): unknown;
}

/** What is used of an instance of Fastify. */
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
 * Plugin for Fastify 4 and 5. Register it first: it sees every reply of the instance that it is registered in, and of
 * the plugins in there, error handlers included. It makes no scope of its own, and needs no `fastify-plugin`. While the
 * site is closed, no handler is called. An intermission that it made itself is closed with the app.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
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

// What `fastify-plugin` does: the hooks are those of the instance, not of a scope within it.
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
        // Those of hooks before this one: Fastify would hand them over with its own answer.
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
