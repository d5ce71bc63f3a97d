import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { describe, expect, test, vi } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy, settled, silentLogger } from "../../../test/support/deploy-window.ts";
import { listen } from "../../../test/support/http.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

const bodyOf = (chunks: AsyncIterable<string>): ReadableStream =>
  ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());

const subject: FrameworkContractSubject = {
  start(setup) {
    const app = new Hono();
    if (setup.options !== undefined) app.use(maintenancePage(setup.options));

    const mounted = new Hono();
    mounted.get("/throws", () => {
      throw setup.error;
    });
    app.route("/mounted", mounted);
    app.get("/", (context) => context.text(setup.greet(), 200, { "x-request-id": "r1" }));
    app.get("/json", (context) => context.json({ hello: "world" }));
    app.get("/empty", (context) => context.body(null, 204));
    app.get("/old", (context) => context.redirect("/"));
    app.get("/refused", () => {
      throw new HTTPException(422, { res: new Response("No", { status: 422 }) });
    });
    app.get("/busy", (context) => context.text("Busy", 503, { "retry-after": "7" }));
    app.post("/echo", async (context) => context.text(await context.req.text()));
    app.get("/stream", (context) => context.body(bodyOf(setup.chunks())));
    app.get("/late", (context) => context.body(bodyOf(setup.lateChunks())));
    app.all("/throws", () => {
      throw setup.error;
    });
    app.get("/rejects", async () => {
      await new Promise(setImmediate);
      throw setup.error;
    });
    app.get("/sent", (context) => {
      for (const [name, value] of setup.failedHeaders) context.header(name, value, { append: true });
      return context.body(setup.secret, 500);
    });
    app.get("/sent-json", (context) => context.json({ error: setup.secret }, 500));
    app.get("/stream-fails", (context) => context.body(bodyOf(setup.chunks()), 500));
    app.onError((error, context) => {
      if (error instanceof HTTPException) return error.getResponse();
      setup.onError(error);
      return context.text("Oh no", 500);
    });
    return listen(createAdaptorServer({ fetch: app.fetch }) as Server);
  },
  skip: (context) => (context as Context).req.header("x-skip") !== undefined,
  address: "connection",
  knowsErrors: true,
  closes: false,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);

describe("without a server", () => {
  const html = { headers: { accept: "text/html" } };

  test("what nobody handles is logged by Hono as ever, once", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const error = new Error("no such column");
    const app = new Hono().use(maintenancePage({ intermission: await midDeploy() })).get("/", () => {
      throw error;
    });
    expect((await app.request("/")).status).toBe(503);
    expect(log.mock.calls).toEqual([[error]]);
    log.mockRestore();
  });

  test("the page has none of the headers that spoke of the failed body, whoever set them", async () => {
    const app = new Hono()
      .use(async (context, next) => {
        context.header("cache-control", "public, max-age=600");
        await next();
      })
      .use(cors())
      .use(maintenancePage({ intermission: await midDeploy() }))
      .get("/", (context) => context.body("trace", 500, { etag: '"x"', "cache-control": "max-age=60" }));
    const { status, headers } = await app.request("/", html);
    expect(status).toBe(503);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("etag")).toBeNull();
  });

  test("a closed site keeps the headers of middleware before it, but for what the page says itself", async () => {
    const { intermission } = await closedSite();
    const app = new Hono()
      .use(async (context, next) => {
        context.header("cache-control", "public, max-age=600");
        await next();
      })
      .use(cors())
      .use(maintenancePage({ intermission }))
      .get("/", (context) => context.text("open"));
    const { status, headers } = await app.request("/", html);
    expect(status).toBe(503);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });

  test("what is thrown and is no Error becomes the page, and is thrown on at any other time", async () => {
    const told: MaskedError[] = [];
    const logged: unknown[] = [];
    const logger = { ...silentLogger, error: (_message: string, error?: unknown) => logged.push(error) };
    const broken = async (): Promise<never> => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw "a text";
    };
    const masking = await midDeploy({ logger, onMasked: (masked) => told.push(masked) });
    const app = new Hono().use(maintenancePage({ intermission: masking })).get("/", broken);
    expect((await app.request("/")).status).toBe(503);
    expect(told).toMatchObject([{ error: "a text", path: "/" }]);
    expect(logged).toEqual(["a text"]);
    const regular = new Hono().use(maintenancePage({ intermission: await settled() })).get("/", broken);
    await expect(async () => regular.request("/")).rejects.toBe("a text");
  });
});
