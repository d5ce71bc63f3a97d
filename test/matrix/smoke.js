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

  "h3-1": async () => {
    const { createApp, createRouter, eventHandler, toNodeListener } = await import("h3");
    const { maintenancePage } = await import("intermission/node");
    const router = createRouter()
      .get(
        "/",
        eventHandler(() => "Hello"),
      )
      .get("/broken", eventHandler(fail));
    return createServer(maintenancePage(toNodeListener(createApp().use(router))));
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

  trpc: async () => {
    const { initTRPC } = await import("@trpc/server");
    const { createHTTPHandler } = await import("@trpc/server/adapters/standalone");
    const { maintenanceMeta, maintenancePage, maintenanceShape } = await import("intermission/trpc");
    const t = initTRPC.create({ errorFormatter: maintenanceShape });
    const procedure = t.procedure.use(maintenancePage());
    const router = t.router({ greet: procedure.query(() => "Hello"), broken: procedure.query(fail) });
    return createServer(createHTTPHandler({ router, responseMeta: maintenanceMeta }));
  },

  "graphql-yoga": async () => {
    const { createSchema, createYoga } = await import("graphql-yoga");
    const { maintenancePage } = await import("intermission/graphql-yoga");
    const schema = createSchema({ typeDefs, resolvers });
    return createServer(createYoga({ schema, logging: false, plugins: [maintenancePage()] }));
  },

  apollo: async () => {
    const { ApolloServer, HeaderMap } = await import("@apollo/server");
    const { maintenancePage } = await import("intermission/apollo");
    const apollo = new ApolloServer({ typeDefs, resolvers, plugins: [maintenancePage()] });
    await apollo.start();
    return createServer(async (request, response) => {
      const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: request.method,
          headers: new HeaderMap([["apollo-require-preflight", "true"]]),
          search: new URL(request.url, "http://localhost").search,
        },
        context: async () => ({}),
      });
      response.writeHead(status ?? 200, Object.fromEntries(headers)).end(body.string);
    });
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

const typeDefs = "type Query { greet: String! broken: String! }";
const resolvers = { Query: { greet: () => "Hello", broken: fail } };

/** How a server is asked, and how it answers. `regular`: the status of an error. `words`: what is in the page alone. */
const web = { success: "/", broken: "/broken", hello: "Hello", regular: 500, words: "right back" };
const graphql = {
  success: "/graphql?query={greet}",
  broken: "/graphql?query={broken}",
  hello: '{"data":{"greet":"Hello"}}',
  regular: 200,
  words: "urn:intermission:maintenance",
};
const trpc = { ...web, success: "/greet", hello: '{"result":{"data":"Hello"}}', words: graphql.words };
const ways = { trpc, "graphql-yoga": graphql, apollo: graphql };

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

const subject = process.argv[2];
const { success: greeting, broken: failing, hello, regular, words } = ways[subject] ?? web;
const server = await servers[subject]();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}`;
const deploy = createIntermission({}, { watching: false });

async function expectAnswers(when, brokenStatus) {
  const success = await fetch(address + greeting);
  assert.equal(success.status, 200, `${when}: a success has status 200`);
  assert.equal((await success.text()).trim(), hello, `${when}: a success is untouched`);
  // A framework whose own error is JSON has the page as JSON otherwise.
  const accept = ways[subject] === undefined ? "text/html" : "application/json";
  const broken = await fetch(address + failing, { headers: { accept } });
  const body = await broken.text();
  assert.equal(broken.status, brokenStatus, `${when}: an error has status ${brokenStatus}`);
  assert.equal(body.includes(words), brokenStatus === 503, `${when}: whether the page is shown`);
  assert.equal(
    broken.headers.has("retry-after"),
    brokenStatus === 503,
    `${when}: whether Retry-After is set`,
  );
}

await deploy.createRelease("v1.0");
await expectAnswers("before the deploy", regular);
await deploy.createRelease("v1.1");
await expectAnswers("in the deploy window", 503);
await deploy.rollback("v1.0");
// The page goes by what is known and asks the store behind it: the next error, or one soon after, is regular again.
for (let count = 0; count < 100; count++) {
  if ((await fetch(address + failing)).status === regular) break;
}
await expectAnswers("after the rollback", regular);

await deploy.close();
server.closeAllConnections();
server.close();
