import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import Koa3, { type Context, type Middleware } from "koa";
// @ts-expect-error: the types of Koa 3 serve for both.
import Koa2 from "koa2";
import { afterEach, describe, expect, test, vi } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import {
  frameworkContract,
  type FrameworkContractSetup,
  type FrameworkContractSubject,
} from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

const versions: readonly (readonly [name: string, Koa: typeof Koa3])[] = [
  ["Koa 2", Koa2 as typeof Koa3],
  ["Koa 3", Koa3],
];

/** Koa has neither a router nor an error handler that answers: middleware does both. */
function createMiddleware(setup: FrameworkContractSetup): Middleware {
  const fail = (): never => {
    throw setup.error;
  };
  const routes: Readonly<Record<string, (context: Context) => unknown>> = {
    "/": (context) => {
      context.set("x-request-id", "r1");
      context.body = setup.greet();
    },
    "/json": (context) => (context.body = { hello: "world" }),
    "/empty": (context) => (context.status = 204),
    "/old": (context) => {
      context.redirect("/");
    },
    "/refused": (context) => {
      context.throw(422, "No");
    },
    "/busy": (context) => {
      context.status = 503;
      context.set("retry-after", "7");
      context.body = "Busy";
    },
    "/echo": async (context) => (context.body = await text(context.req)),
    "/stream": (context) => (context.body = Readable.from(setup.chunks())),
    // Koa 2 would leave the connection open.
    "/late": (context) =>
      (context.body = Readable.from(setup.lateChunks()).on("error", () => context.res.destroy())),
    "/throws": fail,
    "/mounted/throws": fail,
    "/rejects": () => new Promise(setImmediate).then(fail),
    "/sent": (context) => {
      context.status = 500;
      for (const [name, value] of setup.failedHeaders) context.append(name, value);
      context.body = setup.secret;
    },
    "/sent-json": (context) => {
      context.status = 500;
      context.body = { error: setup.secret };
    },
    "/stream-fails": (context) => {
      context.status = 500;
      context.body = Readable.from(setup.chunks());
    },
  };
  return async (context) => {
    const { path } = context;
    // Like koa-mount: it leaves the shortened path behind if the mounted app throws.
    if (path.startsWith("/mounted")) context.path = path.slice("/mounted".length);
    await routes[path]?.(context);
  };
}

function listenWith(app: Koa3): Promise<RunningServer> {
  const callback = app.callback();
  return listen((request, response) => void callback(request, response));
}

describe.each(versions)("%s", (_, Koa) => {
  const subject: FrameworkContractSubject = {
    start(setup) {
      const app = new Koa({ proxy: setup.trustProxy });
      // It also hears of refused requests and broken streams.
      app.on("error", (error) => {
        if (error === setup.error) setup.onError(error);
      });
      if (setup.options !== undefined) app.use(maintenancePage(setup.options));
      app.use(createMiddleware(setup));
      return listenWith(app);
    },
    skip: (request) => (request as Context).get("x-skip") !== "",
    address: "proxy",
    knowsErrors: true,
    closes: false,
  };
  for (const { name, run } of frameworkContract(subject)) test(name, run);

  const running: RunningServer[] = [];
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(running.splice(0).map((server) => server.close()));
  });
  const serve = async (app: Koa3): Promise<string> => {
    const server = await listenWith(app);
    running.push(server);
    return server.url;
  };

  test("what nobody listens for is logged by Koa as ever, once", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const app = new Koa();
    app.use(maintenancePage({ intermission: await midDeploy() }));
    app.use(() => {
      throw new Error("no such column");
    });
    expect((await visit(await serve(app))).status).toBe(503);
    expect(log).toHaveBeenCalledTimes(1);
    expect(String(log.mock.calls[0]?.[0])).toContain("no such column");
  });

  test("an error handler further in that answers 500 has the page in its place", async () => {
    const handled: unknown[] = [];
    const app = new Koa();
    app.use(maintenancePage({ intermission: await midDeploy() }));
    app.use(async (context, next) => {
      try {
        await next();
      } catch (error) {
        handled.push(error);
        context.status = 500;
        context.body = { error: "Oh no" };
      }
    });
    const error = new Error("no such column");
    app.use(() => Promise.reject(error));
    const answer = await visit(await serve(app));
    expect(answer.status).toBe(503);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(handled).toEqual([error]);
  });

  test("middleware before it comes to its end while the site is closed, and its headers stay", async () => {
    const { intermission } = await closedSite();
    const ended: unknown[] = [];
    const app = new Koa();
    app.use(async (context, next) => {
      context.set("access-control-allow-origin", "*");
      await next();
      ended.push(context.path);
    });
    app.use(maintenancePage({ intermission }));
    const answer = await visit(`${await serve(app)}/books`);
    expect(answer.status).toBe(503);
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    await expect.poll(() => ended).toEqual(["/books"]);
  });
});
