import "reflect-metadata";
import { Readable } from "node:stream";
import * as nest from "@nestjs/common";
import { BaseExceptionFilter } from "@nestjs/core";
import type { Request, Response } from "express";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FrameworkContractSetup } from "../../src/testing/index.ts";

/*
 * The app of the contract, for both platforms. Decorators are called by hand: they are functions, and the
 * sources contain only syntax that can be stripped to make JavaScript.
 */

type Reply = Response | FastifyReply;

/** A Nest class that answers routes, each `METHOD /path`. Nest sends what a handler returns. */
export function createController(
  prefix: string,
  routes: Readonly<Record<string, (response: Reply, request: Request | FastifyRequest) => unknown>>,
): new () => object {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class
  class RoutesController {}
  nest.Controller(prefix)(RoutesController);
  for (const [route, handler] of Object.entries(routes)) {
    const [method, path = ""] = route.split(" ");
    // Nest keeps metadata on the function.
    const value = handler.bind(undefined);
    const descriptor = { value, configurable: true, enumerable: false, writable: true };
    Object.defineProperty(RoutesController.prototype, route, descriptor);
    nest.Res()(RoutesController.prototype, route, 0);
    nest.Req()(RoutesController.prototype, route, 1);
    const decorate = { GET: nest.Get, POST: nest.Post, HEAD: nest.Head }[method ?? ""] ?? nest.All;
    decorate(path)(RoutesController.prototype, route, descriptor);
  }
  return RoutesController;
}

/** Sends on either platform. */
export function send(reply: Reply, status: number, body: unknown, headers: Headers = []): void {
  if ("raw" in reply) {
    for (const [name, value] of headers) reply.header(name, value);
    void reply.code(status).send(body);
    return;
  }
  for (const [name, value] of headers) reply.append(name, value);
  reply.status(status);
  if (body instanceof Readable) body.on("error", () => reply.destroy()).pipe(reply);
  else reply.send(body);
}

type Headers = readonly (readonly [name: string, value: string])[];

export function createControllers(setup: FrameworkContractSetup): readonly (new () => object)[] {
  const fail = (): never => {
    throw setup.error;
  };
  const text = ["content-type", "text/plain"] as const;
  const root = createController("/", {
    "GET /": (reply) => {
      send(reply, 200, setup.greet(), [text, ["x-request-id", "r1"]]);
    },
    "GET /json": (reply) => {
      send(reply, 200, { hello: "world" });
    },
    "GET /empty": (reply) => {
      send(reply, 204, undefined);
    },
    "GET /old": (reply) => {
      send(reply, 302, "", [["location", "/"]]);
    },
    "GET /refused": () => {
      throw new nest.HttpException("No", 422);
    },
    "GET /busy": (reply) => {
      send(reply, 503, "Busy", [text, ["retry-after", "7"]]);
    },
    "POST /echo": (reply, request) => {
      send(reply, 200, request.body, [text]);
    },
    "GET /stream": (reply) => {
      send(reply, 200, Readable.from(setup.chunks()));
    },
    "GET /late": (reply) => {
      send(reply, 200, Readable.from(setup.lateChunks()));
    },
    "GET /throws": fail,
    "POST /throws": fail,
    "GET /rejects": () => new Promise(setImmediate).then(fail),
    "HEAD /sent": (reply) => {
      send(reply, 500, setup.secret, setup.failedHeaders);
    },
    "GET /sent": (reply) => {
      send(reply, 500, setup.secret, setup.failedHeaders);
    },
    "GET /sent-json": (reply) => {
      send(reply, 500, { error: setup.secret });
    },
    "GET /stream-fails": (reply) => {
      send(reply, 500, Readable.from(setup.chunks()));
    },
  });
  return [root, createController("/mounted", { "GET /throws": fail })];
}

/** An exception filter for errors that are no Nest exceptions. */
export function createFilter(
  setup: FrameworkContractSetup,
): new (adapter: nest.HttpServer) => nest.ExceptionFilter {
  class ContractFilter extends BaseExceptionFilter {
    override catch(error: unknown, host: nest.ArgumentsHost): void {
      if (error instanceof nest.HttpException) {
        super.catch(error, host);
        return;
      }
      setup.onError(error);
      send(host.switchToHttp().getResponse(), 500, "Oh no", [["content-type", "text/plain"]]);
    }
  }
  nest.Catch()(ContractFilter);
  return ContractFilter;
}
