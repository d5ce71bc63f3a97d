import { Readable } from "node:stream";
import { server as createServer, type Request, type ResponseToolkit, type Server } from "@hapi/hapi";
import { afterEach, expect, test } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import {
  frameworkContract,
  type FrameworkContractSetup,
  type FrameworkContractSubject,
} from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

function addRoutes(server: Server, setup: FrameworkContractSetup): void {
  const fail = (): never => {
    throw setup.error;
  };
  // hapi streams a Readable of bytes.
  const bodyOf = (chunks: AsyncIterable<string>): Readable => Readable.from(chunks, { objectMode: false });
  type Handler = (request: Request, h: ResponseToolkit) => unknown;
  const routes: Readonly<Record<string, Handler>> = {
    "GET /": (_request, h) => h.response(setup.greet()).type("text/plain").header("x-request-id", "r1"),
    "GET /json": () => ({ hello: "world" }),
    "GET /empty": (_request, h) => h.response().code(204),
    "GET /old": (_request, h) => h.redirect("/"),
    "GET /refused": (_request, h) => h.response("No").code(422),
    "GET /busy": (_request, h) => h.response("Busy").code(503).header("retry-after", "7"),
    "POST /echo": (request, h) => h.response(request.payload).type("text/plain"),
    "GET /stream": (_request, h) => h.response(bodyOf(setup.chunks())),
    "GET /late": (_request, h) => h.response(bodyOf(setup.lateChunks())),
    "GET /throws": fail,
    "POST /throws": fail,
    "GET /rejects": () => new Promise(setImmediate).then(fail),
    "GET /sent": (_request, h) => {
      const response = h.response(setup.secret).code(500);
      for (const [name, value] of setup.failedHeaders) response.header(name, value, { append: true });
      return response;
    },
    "GET /sent-json": (_request, h) => h.response({ error: setup.secret }).code(500),
    "GET /stream-fails": (_request, h) => h.response(bodyOf(setup.chunks())).code(500),
  };
  for (const [route, handler] of Object.entries(routes)) {
    const [method, path = ""] = route.split(" ");
    server.route({ method: method as "GET" | "POST", path, handler: handler as () => object });
  }
}

const subject: FrameworkContractSubject = {
  async start(setup) {
    const server = createServer({ port: 0, host: "127.0.0.1", debug: false });
    if (setup.options !== undefined)
      await server.register({ plugin: maintenancePage, options: setup.options });
    addRoutes(server, setup);
    await server.register(
      {
        name: "mounted",
        register(inner) {
          inner.route({
            method: "GET",
            path: "/throws",
            handler: () => {
              throw setup.error;
            },
          });
        },
      },
      { routes: { prefix: "/mounted" } },
    );
    server.ext("onPreResponse", ({ response }, h) => {
      if (!("isBoom" in response) || response.output.statusCode < 500) return h.continue;
      setup.onError(response);
      return h.response("Oh no").code(500);
    });
    await server.start();
    return {
      url: `http://127.0.0.1:${String(server.info.port)}`,
      server: server.listener,
      async close() {
        server.listener.closeAllConnections();
        await server.stop({ timeout: 1 });
      },
    };
  },
  skip: (request) => "x-skip" in (request as Request).headers,
  address: "connection",
  knowsErrors: true,
  closes: true,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

function create(): Server {
  const server = createServer({ debug: false });
  servers.push(server);
  return server;
}

test("errors are logged by hapi as ever, once, and requests that are injected get the page", async () => {
  const server = create();
  const logged: unknown[] = [];
  server.events.on({ name: "request", channels: "error" }, (_request, { error }) => logged.push(error));
  await server.register({ plugin: maintenancePage, options: { intermission: await midDeploy() } });
  const error = new Error("no such column");
  server.route({ method: "GET", path: "/", handler: () => Promise.reject(error) });
  const answer = await server.inject({ url: "/", headers: { accept: "text/html" } });
  expect(answer.statusCode).toBe(503);
  expect(answer.payload).toContain("</html>");
  expect(logged).toEqual([error]);
});

test("a shared intermission is left to its maker", async () => {
  const intermission = await settled();
  const server = create();
  await server.register({ plugin: maintenancePage, options: { intermission } });
  await server.initialize();
  await server.stop();
  await expect(intermission.status()).resolves.toMatchObject({ currentRelease: "v1.0" });
});

test("a closed site asks no authentication", async () => {
  const { intermission } = await closedSite();
  const server = create();
  await server.register({ plugin: maintenancePage, options: { intermission } });
  let asked = false;
  server.ext("onPreAuth", (_request, h) => {
    asked = true;
    return h.continue;
  });
  server.route({ method: "GET", path: "/", handler: () => "open" });
  expect((await server.inject("/")).statusCode).toBe(503);
  expect(asked).toBe(false);
});
