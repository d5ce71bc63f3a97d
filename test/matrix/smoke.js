/*
 * One deploy, seen by one server: node smoke.js <framework>. Runs in a folder where the package is installed, with the
 * store and the release in the environment. Ends with exit code 0 if every answer is right.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createIntermission } from "intermission";

const servers = {
  "node:http": async () => {
    const { maintenancePage } = await import("intermission/node");
    return createServer(maintenancePage(listener));
  },

  auto: async () => createServer(listener),

  express: async () => {
    const { default: express } = await import("express");
    const { maintenancePage } = await import("intermission/express");
    const app = express();
    app.use(maintenancePage());
    app.get("/", (_request, response) => response.send("Hello"));
    app.get("/broken", () => {
      throw new Error("broken by the deploy");
    });
    return createServer(app);
  },

  fastify: async () => {
    const { default: fastify } = await import("fastify");
    const { maintenancePage } = await import("intermission/fastify");
    const app = fastify();
    await app.register(maintenancePage);
    app.get("/", () => "Hello");
    app.get("/broken", fail);
    await app.ready();
    return app.server;
  },

  koa: async () => {
    const { default: Koa } = await import("koa");
    const { maintenancePage } = await import("intermission/koa");
    const app = new Koa();
    app.silent = true;
    app.use(maintenancePage());
    app.use((context) => {
      if (context.path === "/broken") fail();
      context.body = "Hello";
    });
    return createServer(app.callback());
  },

  hono: async () => {
    const { createAdaptorServer } = await import("@hono/node-server");
    const { Hono } = await import("hono");
    const { maintenancePage } = await import("intermission/hono");
    const app = new Hono();
    app.use(maintenancePage());
    app.get("/", (context) => context.text("Hello"));
    app.get("/broken", fail);
    return createAdaptorServer({ fetch: app.fetch });
  },

  "nest-express": async () => {
    const { ExpressAdapter } = await import("@nestjs/platform-express");
    const app = await nest(new ExpressAdapter());
    return app.getHttpServer();
  },

  "nest-fastify": async () => {
    const { FastifyAdapter } = await import("@nestjs/platform-fastify");
    const app = await nest(new FastifyAdapter());
    await app.getHttpAdapter().getInstance().ready();
    return app.getHttpServer();
  },

  "h3-v1": async () => {
    const { createApp, createRouter, eventHandler, toNodeListener } = await import("h3");
    const { maintenancePage } = await import("intermission/h3-v1");
    const router = createRouter()
      .get(
        "/",
        eventHandler(() => "Hello"),
      )
      .get("/broken", eventHandler(fail));
    return createServer(toNodeListener(maintenancePage(createApp()).use(router)));
  },

  elysia: async () => {
    const { createAdaptorServer } = await import("@hono/node-server");
    const { Elysia } = await import("elysia");
    const { maintenancePage } = await import("intermission/elysia");
    const app = new Elysia().use(maintenancePage());
    app.get("/", () => "Hello");
    app.get("/broken", fail);
    return createAdaptorServer({ fetch: app.fetch });
  },

  h3: async () => {
    const { H3, toNodeHandler } = await import("h3");
    const { maintenancePage } = await import("intermission/h3");
    const app = new H3({ silent: true }).register(maintenancePage());
    app.get("/", () => "Hello");
    app.get("/broken", fail);
    return createServer(toNodeHandler(app));
  },

  hapi: async () => {
    const { server: createHapi } = await import("@hapi/hapi");
    const { maintenancePage } = await import("intermission/hapi");
    const server = createHapi({ debug: false });
    await server.register({ plugin: maintenancePage, options: {} });
    server.route({ method: "GET", path: "/", handler: () => "Hello" });
    server.route({ method: "GET", path: "/broken", handler: fail });
    await server.initialize();
    return server.listener;
  },

  polka: async () => {
    const { default: polka } = await import("polka");
    const { maintenancePage } = await import("intermission/polka");
    const app = polka()
      .use(maintenancePage())
      .get("/", (_request, response) => response.end("Hello"))
      .get("/broken", (_request, _response, next) => next(new Error("broken by the deploy")));
    return createServer(app.handler);
  },

  fetch: async () => {
    const { maintenancePage } = await import("intermission/fetch");
    const handler = maintenancePage((request) => {
      if (new URL(request.url).pathname === "/") return new Response("Hello");
      throw new Error("broken by the deploy");
    });
    return createServer(async (request, response) => {
      const answer = await handler(new Request(`http://${request.headers.host}${request.url}`)).catch(
        () => new Response("Internal Server Error", { status: 500 }),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
    });
  },
};

function fail() {
  throw new Error("broken by the deploy");
}

/** Its decorators are called by hand. */
async function nest(adapter) {
  await import("reflect-metadata");
  const { Controller, Get, Module } = await import("@nestjs/common");
  const { NestFactory } = await import("@nestjs/core");
  const { MaintenancePageModule } = await import("intermission/nest");
  class AppController {
    greet() {
      return "Hello";
    }
    fail() {
      fail();
    }
  }
  Controller()(AppController);
  for (const [path, method] of Object.entries({ "/": "greet", "/broken": "fail" })) {
    const descriptor = Object.getOwnPropertyDescriptor(AppController.prototype, method);
    Get(path)(AppController.prototype, method, descriptor);
  }
  class AppModule {}
  Module({ imports: [MaintenancePageModule.forRoot()], controllers: [AppController] })(AppModule);
  const app = await NestFactory.create(AppModule, adapter, { logger: false });
  return app.init();
}

function listener(request, response) {
  if (request.url === "/") response.end("Hello");
  else response.writeHead(500).end("Internal Server Error");
}

const server = await servers[process.argv[2]]();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}`;
const deploy = createIntermission({}, { watching: false });

async function expectAnswers(when, brokenStatus) {
  const success = await fetch(address);
  assert.equal(success.status, 200, `${when}: a success has status 200`);
  assert.equal(await success.text(), "Hello", `${when}: a success is untouched`);
  // A framework whose own error is JSON has the page as JSON otherwise.
  const broken = await fetch(`${address}/broken`, { headers: { accept: "text/html" } });
  const body = await broken.text();
  assert.equal(broken.status, brokenStatus, `${when}: an error has status ${brokenStatus}`);
  assert.equal(body.includes("right back"), brokenStatus === 503, `${when}: whether the page is shown`);
  assert.equal(
    broken.headers.has("retry-after"),
    brokenStatus === 503,
    `${when}: whether Retry-After is set`,
  );
}

await deploy.createRelease("v1.0");
await expectAnswers("before the deploy", 500);
await deploy.createRelease("v1.1");
await expectAnswers("in the deploy window", 503);
await deploy.rollback("v1.0");
// The page goes by what is known and asks the store behind it: the next error, or one soon after, is regular again.
for (let count = 0; count < 100; count++) {
  if ((await fetch(`${address}/broken`)).status === 500) break;
}
await expectAnswers("after the rollback", 500);

await deploy.close();
server.closeAllConnections();
server.close();
