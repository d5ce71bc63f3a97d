import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import type { Intermission } from "../core/intermission.ts";
import { gate } from "./node-gate.ts";
import { intercept, rememberError } from "./node.ts";

/** What is used of a request of Fastify. */
export interface FastifyRequest {
  readonly raw: IncomingMessage;
}

/** What is used of a reply of Fastify. */
export interface FastifyReply {
  readonly raw: ServerResponse;
  getHeaders(): Readonly<Record<string, OutgoingHttpHeader | undefined>>;
  hijack(): unknown;
}

/** What is used of an instance of Fastify. */
export interface FastifyInstance {
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

/** Watches every reply of an instance of Fastify, and of what is registered in it. */
export function addFastifyHooks(app: FastifyInstance, intermission: Intermission): void {
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
      own: request,
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
