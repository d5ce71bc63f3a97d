import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Request, Router } from "@adonisjs/core/http";
import { expect, test } from "vitest";
import { QuietHandler, startAdonis, type HttpContext } from "../../../test/support/adonis.ts";
import {
  frameworkContract,
  type FrameworkContractSetup,
  type FrameworkContractSubject,
} from "../../testing/index.ts";
import { defineConfig } from "./index.ts";

const provider = () => import("./index.ts");

function addRoutes(router: Router, setup: FrameworkContractSetup): void {
  const fail = (): never => {
    throw setup.error;
  };
  router.get("/", ({ response }) => {
    response.header("x-request-id", "r1").type("text/plain").send(setup.greet());
  });
  router.get("/json", () => ({ hello: "world" }));
  router.get("/empty", ({ response }) => {
    response.noContent();
  });
  router.get("/old", ({ response }) => {
    response.redirect().toPath("/");
  });
  router.get("/refused", ({ response }) => {
    response.status(422).send("No");
  });
  router.get("/busy", ({ response }) => {
    response.status(503).header("retry-after", "7").send("Busy");
  });
  router.post("/echo", async ({ request, response }) => {
    response.send(await text(request.request));
  });
  router.get("/stream", ({ response }) => {
    response.stream(Readable.from(setup.chunks()));
  });
  router.get("/late", ({ response }) => {
    response.stream(Readable.from(setup.lateChunks()));
  });
  router.route("/throws", ["GET", "POST"], fail);
  router.get("/rejects", async () => {
    await new Promise(setImmediate);
    fail();
  });
  router.group(() => router.get("/throws", fail)).prefix("/mounted");
  router.get("/sent", ({ response }) => {
    for (const [name, value] of setup.failedHeaders) response.append(name, value);
    response.status(500).send(setup.secret);
  });
  router.get("/sent-json", ({ response }) => {
    response.status(500).send({ error: setup.secret });
  });
  router.get("/stream-fails", ({ response }) => {
    response.status(500).stream(Readable.from(setup.chunks()));
  });
}

const subject: FrameworkContractSubject = {
  start(setup) {
    class Handler extends QuietHandler {
      override async report(error: unknown, context: HttpContext): Promise<void> {
        if (error === setup.error) setup.onError(error);
        await super.report(error, context);
      }
      override async handle(error: unknown, context: HttpContext): Promise<unknown> {
        if (error !== setup.error) return super.handle(error, context);
        context.response.status(500).send("Oh no");
        return undefined;
      }
    }
    return startAdonis({
      providers: setup.options === undefined ? [] : [provider],
      config: { intermission: setup.options && defineConfig(setup.options) },
      trustProxy: setup.trustProxy,
      start(router, server) {
        server.errorHandler(async () => ({ default: Handler }));
        addRoutes(router, setup);
      },
    });
  },
  skip: (request) => (request as Request).header("x-skip") !== undefined,
  address: "proxy",
  knowsErrors: true,
  closes: true,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);
expect(true);
