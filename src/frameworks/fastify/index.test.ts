import { Readable } from "node:stream";
import fastify5, {
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import fastify4 from "fastify4";
import { afterEach, describe, expect, test } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

const versions: readonly (readonly [name: string, fastify: typeof fastify5])[] = [
  ["Fastify 4", fastify4 as unknown as typeof fastify5],
  ["Fastify 5", fastify5],
];

describe.each(versions)("%s", (_, fastify) => {
  const subject: FrameworkContractSubject = {
    async start(setup) {
      const app = fastify({ trustProxy: setup.trustProxy, forceCloseConnections: true });
      if (setup.options !== undefined) await app.register(maintenancePage, setup.options);

      app.setErrorHandler((error: FastifyError, _request, reply) => {
        setup.onError(error);
        return reply.code(500).send("Oh no");
      });
      await app.register(
        async (scope) => {
          scope.get("/throws", () => {
            throw setup.error;
          });
        },
        { prefix: "/mounted" },
      );
      app.get("/", (_request, reply) =>
        reply.type("text/plain").header("x-request-id", "r1").send(setup.greet()),
      );
      app.get("/json", async () => ({ hello: "world" }));
      app.get("/empty", (_request, reply) => reply.code(204).send());
      app.get("/old", (_request, reply) => reply.code(302).header("location", "/").send());
      app.get("/refused", (_request, reply) => reply.code(422).send("No"));
      app.get("/busy", (_request, reply) => reply.code(503).header("retry-after", "7").send("Busy"));
      app.post("/echo", (request, reply) => reply.send(request.body));
      app.get("/stream", (_request, reply) => reply.send(Readable.from(setup.chunks())));
      app.get("/late", (_request, reply) => reply.send(Readable.from(setup.lateChunks())));
      app.route({
        method: ["GET", "POST"],
        url: "/throws",
        handler: () => {
          throw setup.error;
        },
      });
      app.get("/rejects", async () => {
        await new Promise(setImmediate);
        throw setup.error;
      });
      app.get("/sent", (_request, reply) => {
        for (const [header, value] of setup.failedHeaders) reply.header(header, value);
        return reply.code(500).send(setup.secret);
      });
      app.get("/sent-json", (_request, reply) => reply.code(500).send({ error: setup.secret }));
      app.get("/stream-fails", (_request, reply) => reply.code(500).send(Readable.from(setup.chunks())));
      const url = await app.listen({ port: 0, host: "127.0.0.1" });
      return { url, server: app.server, close: () => app.close() };
    },
    skip: (request) => "x-skip" in (request as FastifyRequest).headers,
    address: "proxy",
    knowsErrors: true,
    closes: true,
  };
  for (const { name, run } of frameworkContract(subject)) test(name, run);

  const apps: FastifyInstance[] = [];
  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));
  const create = (options: FastifyServerOptions = {}): FastifyInstance => {
    const app = fastify(options);
    apps.push(app);
    return app;
  };
  const failing = (app: FastifyInstance): FastifyInstance =>
    app.get("/throws", () => {
      throw new Error("no such column");
    });

  test("errors are logged as ever, once, with the error itself", async () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const app = failing(create({ logger: { level: "error", stream } }));
    await app.register(maintenancePage, { intermission: await midDeploy() });
    expect((await app.inject("/throws")).statusCode).toBe(503);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ err: { message: "no such column" } });
  });

  test("requests that are injected get the page, and onSend hooks still see the error", async () => {
    const sent: unknown[] = [];
    const app = create();
    await app.register(maintenancePage, { intermission: await midDeploy() });
    app.addHook("onSend", async (_request, reply, payload) => {
      sent.push(reply.statusCode);
      return payload;
    });
    failing(app);
    const answer = await app.inject({ url: "/throws", headers: { accept: "text/html" } });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain("</html>");
    expect(sent).toEqual([500]);
  });

  test("registered in a scope it sees that scope alone", async () => {
    const app = failing(create());
    await app.register(
      async (scope) => {
        await scope.register(maintenancePage, { intermission: await midDeploy() });
        failing(scope);
      },
      { prefix: "/scope" },
    );
    expect((await app.inject("/scope/throws")).statusCode).toBe(503);
    expect((await app.inject("/throws")).statusCode).toBe(500);
  });

  test("a closed site keeps what hooks before it set, and hooks after it are not asked", async () => {
    const { intermission } = await closedSite();
    const app = create();
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("access-control-allow-origin", "*").header("vary", "Origin");
    });
    await app.register(maintenancePage, { intermission });
    let asked = false;
    app.addHook("onRequest", async () => {
      asked = true;
    });
    app.get("/", () => "open");
    const answer = await app.inject({ url: "/", headers: { accept: "text/html" } });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": "*",
      vary: "Origin, Accept, Accept-Language",
    });
    expect(asked).toBe(false);
  });

  test("a shared intermission is left to its maker", async () => {
    const intermission = await settled();
    const app = create();
    await app.register(maintenancePage, { intermission });
    await app.close();
    await expect(intermission.status()).resolves.toMatchObject({ currentRelease: "v1.0" });
  });

  test("a wrong option is told when the plugin is registered", async () => {
    const app = create();
    await expect(async () => {
      await app.register(maintenancePage, { retryAfter: -1, store: "memory:" });
    }).rejects.toThrow("retryAfter");
  });
});
