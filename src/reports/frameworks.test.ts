// Nest declares its options as classes but only needs their shape.
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { server as createHapi } from "@hapi/hapi";
import { createAdaptorServer } from "@hono/node-server";
import Router from "@koa/router";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import express from "express";
import fastify5 from "fastify";
import fastify4 from "fastify4";
import { Elysia } from "elysia";
import { H3 } from "h3";
import { Hono } from "hono";
import Koa from "koa";
import { createServer as createRestify } from "restify";
import { serve } from "srvx";
import { expect, onTestFinished, test } from "vitest";
import { startAdonis } from "../../test/support/adonis.ts";
import { midDeploy } from "../../test/support/deploy-window.ts";
import { listen, visit } from "../../test/support/http.ts";
import { createController } from "../../test/support/nest.ts";
import type { MaskedError } from "../core/settings/options.ts";
import type { AdapterOptions } from "../engine/create.ts";
import AdonisProvider from "../frameworks/adonis/index.ts";
import { maintenancePage as forElysia } from "../frameworks/elysia/index.ts";
import { maintenancePage as forExpress } from "../frameworks/express/index.ts";
import { maintenancePage as forFastify } from "../frameworks/fastify/index.ts";
import { maintenancePage as forH3 } from "../frameworks/h3/index.ts";
import { maintenancePage as forHapi } from "../frameworks/hapi/index.ts";
import { maintenancePage as forHono } from "../frameworks/hono/index.ts";
import { maintenancePage as forKoa } from "../frameworks/koa/index.ts";
import { MaintenancePageModule } from "../frameworks/nest/index.ts";
import { maintenancePage as forNode } from "../frameworks/node/index.ts";
import { maintenancePage as forRestify } from "../frameworks/restify/index.ts";
import { kindOf } from "./kind.ts";

interface Running {
  readonly url: string;
  close(): unknown;
}

function fail(): never {
  throw new Error("column orders.vip does not exist");
}

/** Each has the route `/shop/:tenant/orders/:id`, in the framework's manner: mounted where it can be. */
const apps: Readonly<Record<string, (options: AdapterOptions) => Running | Promise<Running>>> = {
  Express(options) {
    const [app, shop] = [express(), express.Router()];
    shop.get("/orders/:id", fail);
    app.use(forExpress(options)).use("/shop/:tenant", shop);
    return listen(createServer(app));
  },
  "Fastify 4": (options) => startFastify(fastify4 as unknown as typeof fastify5, options),
  "Fastify 5": (options) => startFastify(fastify5, options),
  Koa(options) {
    const [app, shop, orders] = [new Koa({}), new Router({ prefix: "/shop/:tenant" }), new Router()];
    app.silent = true;
    orders.get("/orders/:id", fail);
    shop.use(orders.routes());
    app.use(forKoa(options)).use(shop.routes());
    return listen((request, response) => void app.callback()(request, response));
  },
  Hono(options) {
    const [app, shop] = [new Hono(), new Hono()];
    shop.get("/orders/:id", fail);
    app.use(forHono(options)).route("/shop/:tenant", shop);
    app.onError((_, context) => context.text("Oh no", 500));
    return listen(createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server);
  },
  async hapi(options) {
    const server = createHapi({ port: 0, host: "127.0.0.1", debug: false });
    await server.register({ plugin: forHapi, options });
    const shop = {
      name: "shop",
      register(inner: typeof server) {
        inner.route({ method: "GET", path: "/orders/{id}", handler: fail });
      },
    };
    await server.register(shop, { routes: { prefix: "/shop/{tenant}" } });
    await server.start();
    return { url: server.info.uri, close: () => server.stop() };
  },
  Restify(options) {
    const server = createRestify();
    server.pre(forRestify(options));
    server.get("/shop/:tenant/orders/:id", async () => Promise.reject(new Error("Oh no")));
    return listen(server.server);
  },
  "NestJS on Express": (options) => startNest(new ExpressAdapter(), options),
  "NestJS on Fastify": (options) => startNest(new FastifyAdapter(), options),
  AdonisJS: (options) =>
    startAdonis({
      providers: [async () => ({ default: AdonisProvider })],
      config: { intermission: options },
      start(router) {
        router.group(() => router.get("/orders/:id", fail)).prefix("/shop/:tenant");
      },
    }),
  h3(options) {
    const app = new H3({ silent: true });
    forH3(options)(app);
    app.get("/shop/:tenant/orders/:id", fail);
    return startFetch((request) => app.fetch(request));
  },
  Elysia(options) {
    const app = forElysia(options)(new Elysia());
    app.group("/shop/:tenant", (shop) => shop.get("/orders/:id", fail));
    return startFetch((request) => app.fetch(request));
  },
  "node:http": (options) => listen(forNode(fail, options)),
};

async function startFetch(fetch: (request: Request) => Response | Promise<Response>): Promise<Running> {
  const server = serve({ fetch, port: 0, hostname: "127.0.0.1", silent: true });
  await server.ready();
  return { url: (server.url ?? "").replace(/\/$/, ""), close: () => server.close(true) };
}

async function startFastify(fastify: typeof fastify5, options: AdapterOptions): Promise<Running> {
  const app = fastify();
  await app.register(forFastify, options);
  await app.register(
    (shop, _, done) => {
      shop.get("/orders/:id", fail);
      done();
    },
    { prefix: "/shop/:tenant" },
  );
  return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
}

async function startNest(
  adapter: ExpressAdapter | FastifyAdapter,
  options: AdapterOptions,
): Promise<Running> {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class
  class AppModule {}
  Module({
    imports: [MaintenancePageModule.forRoot(options)],
    controllers: [createController("/shop/:tenant", { "GET /orders/:id": fail })],
  })(AppModule);
  const app = await NestFactory.create(AppModule, adapter, { logger: false });
  await app.listen(0, "127.0.0.1");
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, close: () => app.close() };
}

const expected: Readonly<Record<string, string>> = {
  // It keeps no pattern of what a router is mounted at.
  Express: "/shop/:id/orders/:id",
  hapi: "/shop/{tenant}/orders/{id}",
  "node:http": "/shop",
};

test.each(Object.entries(apps))("a report of %s has the route, and nobody's name", async (name, start) => {
  const masked: MaskedError[] = [];
  const intermission = await midDeploy({ onMasked: (error) => masked.push(error) });
  onTestFinished(() => intermission.close());
  const app = await start({ intermission });
  onTestFinished(async () => {
    await app.close();
  });
  expect((await visit(`${app.url}/shop/jane/orders/letters?of=jane`)).status).toBe(503);
  expect(masked.map((error) => kindOf(error).route)).toEqual([expected[name] ?? "/shop/:tenant/orders/:id"]);
});
