import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { server as createHapi } from "@hapi/hapi";
import { serve } from "@hono/node-server";
import express5, { type Express } from "express";
// @ts-expect-error: the types of Express 5 serve for both.
import express4 from "express4";
import fastify5 from "fastify";
import { H3, toNodeHandler } from "h3";
import { Hono } from "hono";
import Koa from "koa";
import polka from "polka";
import { createServer as createRestify, type Handler } from "restify";
import { onTestFinished } from "vitest";
import type { Intermission } from "../../src/index.ts";
import { maintenancePage as onExpress } from "../../src/frameworks/express/index.ts";
import { maintenancePage as onFastify } from "../../src/frameworks/fastify/index.ts";
import { maintenancePage as onH3 } from "../../src/frameworks/h3/index.ts";
import { maintenancePage as onHapi } from "../../src/frameworks/hapi/index.ts";
import { maintenancePage as onHono } from "../../src/frameworks/hono/index.ts";
import { maintenancePage as onKoa } from "../../src/frameworks/koa/index.ts";
import { maintenancePage as onNode } from "../../src/frameworks/node/index.ts";
import { maintenancePage as onPolka } from "../../src/frameworks/polka/index.ts";
import { maintenancePage as onRestify } from "../../src/frameworks/restify/index.ts";

/** An app's answers: where its router led the request. */
type Place = "hooks" | "healthz" | "elsewhere";

/** How an app without a router reads the path. */
function placeOf(path: string): Place {
  if (path === "/healthz" || path === "/healthz/") return "healthz";
  return path === "/hooks" || path.startsWith("/hooks/") ? "hooks" : "elsewhere";
}

type Start = (intermission: Intermission) => Promise<string>;

function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return once(server, "listening").then(() => String((server.address() as AddressInfo).port));
}

export const reading =
  (read: (url: string) => string): RequestListener =>
  (incoming, response) => {
    let place: string;
    try {
      place = placeOf(read(incoming.url ?? ""));
    } catch {
      place = "refused";
    }
    response.end(place);
  };

export const readers: Readonly<Record<string, (url: string) => string>> = {
  "the URL standard": (url) => new URL(url, "http://localhost").pathname,
  "decoding before it resolves": (url) =>
    new URL(decodeURIComponent(new URL(url, "http://localhost").pathname), "http://localhost").pathname,
  "decoding twice": (url) => {
    const once = decodeURIComponent(url.split("?")[0] ?? "");
    return new URL(decodeURIComponent(once).replaceAll("\\", "/").replace(/\/+/g, "/"), "http://localhost")
      .pathname;
  },
  "cutting at semicolons": (url) => {
    const path = url.split(/[?;#]/)[0] ?? "";
    return new URL(path.replace(/;[^/]*/g, "").replace(/\/{2,}/g, "/"), "http://localhost").pathname;
  },
};

/**
 * Each starts an app whose closed site leaves open `/hooks`, everything below it, and `/healthz`. Resolves
 * with its port.
 */
export const apps: Readonly<Record<string, Start>> = {
  ...Object.fromEntries(
    Object.entries(readers).map(([name, read]): [string, Start] => [
      `node, ${name}`,
      (intermission) => listening(createServer(onNode(reading(read), { intermission }))),
    ]),
  ),
  ...Object.fromEntries(
    [["Express 4", express4] as const, ["Express 5", express5] as const].map(
      ([name, express]): [string, Start] => [
        name,
        (intermission) => {
          const app = (express as () => Express)();
          app.use(onExpress({ intermission }));
          app.use("/hooks", (_request, response) => void response.send("hooks"));
          app.get("/healthz", (_request, response) => void response.send("healthz"));
          app.use((_request, response) => void response.send("elsewhere"));
          return listening(createServer(app));
        },
      ],
    ),
  ),
  "Fastify 5": async (intermission) => {
    const app = fastify5({ routerOptions: { ignoreTrailingSlash: true } });
    await app.register(onFastify, { intermission });
    app.get("/hooks", async () => "hooks");
    app.get("/hooks/*", async () => "hooks");
    app.get("/healthz", async () => "healthz");
    app.setNotFoundHandler(async () => "elsewhere");
    await app.listen({ port: 0, host: "127.0.0.1" });
    onTestFinished(() => app.close());
    return String((app.server.address() as AddressInfo).port);
  },
  Koa: (intermission) => {
    const app = new Koa({ asyncLocalStorage: false });
    app.silent = true;
    app.use(onKoa({ intermission }));
    app.use((context) => {
      context.body = placeOf(context.URL.pathname);
    });
    return listening(createServer(app.callback() as RequestListener));
  },
  Hono: async (intermission) => {
    const app = new Hono();
    app.use(onHono({ intermission }));
    app.get("/hooks/*", (context) => context.text("hooks"));
    for (const path of ["/healthz", "/healthz/"]) app.get(path, (context) => context.text("healthz"));
    app.notFound((context) => context.text("elsewhere"));
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
    onTestFinished(() => void server.close());
    await once(server, "listening");
    return String((server.address() as AddressInfo).port);
  },
  hapi: async (intermission) => {
    const app = createHapi({ port: 0, host: "127.0.0.1", router: { stripTrailingSlash: true } });
    await app.register({ plugin: onHapi, options: { intermission } });
    app.route({ method: "GET", path: "/hooks/{rest*}", handler: () => "hooks" });
    app.route({ method: "GET", path: "/healthz", handler: () => "healthz" });
    app.route({ method: "*", path: "/{any*}", handler: () => "elsewhere" });
    await app.start();
    onTestFinished(() => app.stop());
    return String(app.info.port);
  },
  h3: (intermission) => {
    const app = new H3().register(onH3({ intermission }));
    app.get("/hooks", () => "hooks");
    app.get("/hooks/**", () => "hooks");
    app.get("/healthz", () => "healthz");
    app.all("/**", () => "elsewhere");
    return listening(createServer(toNodeHandler(app)));
  },
  Polka: async (intermission) => {
    const app = polka();
    app.use(onPolka({ intermission }));
    app.get("/hooks", (_request, response) => void response.end("hooks"));
    app.get("/hooks/*", (_request, response) => void response.end("hooks"));
    app.get("/healthz", (_request, response) => void response.end("healthz"));
    return listening(createServer(app.handler));
  },
  Restify: (intermission) => {
    const app = createRestify();
    app.pre(onRestify({ intermission }));
    const say =
      (place: string): Handler =>
      (_request, response, next) => {
        response.send(200, place);
        next();
      };
    app.get("/hooks", say("hooks"));
    app.get("/hooks/*", say("hooks"));
    for (const path of ["/healthz", "/healthz/"]) app.get(path, say("healthz"));
    app.get("/*", say("elsewhere"));
    return listening(app.server);
  },
};
