import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { HttpContext, Request, Router } from "@adonisjs/core/http";
import type { ApplicationService, HttpServerService } from "@adonisjs/core/types";
import { afterEach, expect, test } from "vitest";
import { QuietHandler, startAdonis, type AdonisFiles } from "../../../test/support/adonis.ts";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { visit, type RunningServer } from "../../../test/support/http.ts";
import {
  frameworkContract,
  type FrameworkContractSetup,
  type FrameworkContractSubject,
} from "../../testing/index.ts";
import MaintenancePageProvider, { defineConfig } from "./index.ts";

const provider: AdonisFiles["providers"][number] = () => import("./index.ts");

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

const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

async function start(files: Omit<AdonisFiles, "providers">): Promise<string> {
  const app = await startAdonis({ ...files, providers: [provider] });
  running.push(app);
  return app.url;
}

const withQuietHandler = (server: HttpServerService): unknown =>
  server.errorHandler(async () => ({ default: QuietHandler }));

const fail = (): never => {
  throw new Error("no such column");
};

test("an error is logged by the exception handler as ever, once, with the error itself", async () => {
  const log = new PassThrough();
  const url = await start({
    log,
    config: { intermission: { intermission: await midDeploy() } },
    start(router, server) {
      withQuietHandler(server);
      router.get("/books", fail);
    },
  });
  log.read();
  expect((await visit(`${url}/books`)).status).toBe(503);
  const lines = String(log.read()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { err: { message: "no such column" }, msg: "no such column" },
  ]);
});

test.each<[string, (router: Router, server: HttpServerService) => void]>([
  [
    "middleware throws",
    (_router, server) => {
      withQuietHandler(server);
      server.use([
        async () => ({
          default: class {
            handle = fail;
          },
        }),
      ]);
    },
  ],
  [
    "the exception handler itself throws",
    (router, server) => {
      server.errorHandler(async () => ({
        default: class {
          report = fail;
          handle = fail;
        },
      }));
      router.get("/books", fail);
    },
  ],
  [
    "there is no exception handler",
    (router) => {
      router.get("/books", fail);
    },
  ],
  [
    "an answer can't be made text",
    (router) => {
      router.get("/books", ({ response }) => {
        response.send(fail);
      });
    },
  ],
])("the page is there when %s", async (_, begin) => {
  const url = await start({ config: { intermission: { intermission: await midDeploy() } }, start: begin });
  expect((await visit(`${url}/books`)).status).toBe(503);
});

test("middleware of the app is not called while the site is closed", async () => {
  const { intermission } = await closedSite();
  const called: string[] = [];
  class Called {
    handle({ request }: HttpContext, next: () => Promise<void>): Promise<void> {
      called.push(request.url());
      return next();
    }
  }
  const url = await start({
    config: { intermission: { intermission } },
    start(router, server) {
      server.use([async () => ({ default: Called })]);
      router.get("/books", () => "Hello");
    },
  });
  expect((await visit(`${url}/books`)).status).toBe(503);
  expect(called).toEqual([]);
});

test("a closed site keeps the headers of middleware before it", async () => {
  const { intermission } = await closedSite();
  class EarlyProvider {
    readonly #app: ApplicationService;
    constructor(app: ApplicationService) {
      this.#app = app;
    }
    async boot(): Promise<void> {
      const server = await this.#app.container.make("server");
      server.use([async () => ({ default: Early })]);
    }
  }
  class Early {
    handle({ response }: HttpContext, next: () => Promise<void>): Promise<void> {
      response.header("access-control-allow-origin", "*").header("cache-control", "max-age=600");
      return next();
    }
  }
  const app = await startAdonis({
    providers: [async () => ({ default: EarlyProvider }), provider],
    config: { intermission: { intermission } },
    start: () => undefined,
  });
  running.push(app);
  const { status, headers } = await visit(`${app.url}/books`);
  expect(status).toBe(503);
  expect(headers).toMatchObject({ "access-control-allow-origin": "*", "cache-control": "no-store" });
});

test("an option that can't be used keeps the app from starting", async () => {
  const starting = start({ config: { intermission: { statusCode: 200 } }, start: () => undefined });
  await expect(starting).rejects.toThrow("statusCode");
});

test("it does nothing in a command", async () => {
  const app = {
    getEnvironment: () => "console",
    config: { get: () => expect.unreachable() },
    container: { make: () => expect.unreachable() },
  };
  const commandProvider = new MaintenancePageProvider(app);
  await commandProvider.boot();
  await commandProvider.shutdown();
});
