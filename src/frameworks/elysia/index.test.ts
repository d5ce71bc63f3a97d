import { createServer, type Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Elysia, status } from "elysia";
import { toNodeHandler, type H3 } from "h3";
import { describe, expect, test } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { listen } from "../../../test/support/http.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import {
  frameworkContract,
  type FrameworkContractSetup,
  type FrameworkContractSubject,
} from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

const bodyOf = (chunks: AsyncIterable<string>): ReadableStream =>
  ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());

function createApp(setup: FrameworkContractSetup): Elysia {
  const app = new Elysia();
  if (setup.options !== undefined) app.use(maintenancePage(setup.options));
  const fail = (): never => {
    throw setup.error;
  };
  app
    .onError(({ code, error }) => {
      if (code === "NOT_FOUND") return undefined;
      setup.onError(error);
      return new Response("Oh no", { status: 500 });
    })
    .use(new Elysia({ prefix: "/mounted" }).get("/throws", fail))
    .get("/", ({ set }) => {
      set.headers["x-request-id"] = "r1";
      return setup.greet();
    })
    .get("/json", () => ({ hello: "world" }))
    .get("/empty", () => new Response(null, { status: 204 }))
    .get("/old", () => new Response(null, { status: 302, headers: { location: "/" } }))
    .get("/refused", () => status(422, "No"))
    .get("/busy", ({ set }) => {
      set.headers["retry-after"] = "7";
      return status(503, "Busy");
    })
    .post("/echo", ({ request }) => request.text(), { parse: "none" })
    .get("/stream", () => new Response(bodyOf(setup.chunks())))
    .get("/late", () => new Response(bodyOf(setup.lateChunks())))
    .all("/throws", fail)
    .get("/rejects", async () => {
      await new Promise(setImmediate);
      fail();
    })
    .get("/sent", () => {
      const headers = new Headers();
      for (const [name, value] of setup.failedHeaders) headers.append(name, value);
      return new Response(setup.secret, { status: 500, headers });
    })
    .get("/sent-json", () => status(500, { error: setup.secret }))
    .get("/stream-fails", () => new Response(bodyOf(setup.chunks()), { status: 500 }));
  return app;
}

const subject: Omit<FrameworkContractSubject, "start" | "address"> = {
  skip: (request) => (request as Request).headers.has("x-skip"),
  knowsErrors: true,
  closes: false,
};

describe.each<Pick<FrameworkContractSubject, "start" | "address"> & { readonly server: string }>([
  {
    server: "@hono/node-server",
    start: (setup) => listen(createAdaptorServer({ fetch: createApp(setup).fetch }) as Server),
    address: "unknown",
  },
  {
    // `@elysiajs/node` serves with this too. It comes with h3, and needs only `fetch`.
    server: "srvx",
    start: (setup) => listen(createServer(toNodeHandler(createApp(setup) as unknown as H3))),
    address: "connection",
  },
])("on $server", ({ start, address }) => {
  for (const { name, run } of frameworkContract({ ...subject, start, address })) test(name, run);
});

describe("without a server", () => {
  const statusOf = async (app: Pick<Elysia, "handle">, path: string): Promise<number> =>
    (await app.handle(new Request(`http://localhost${path}`))).status;

  test("it sees what is added before it, and what the app answers for nobody", async () => {
    const app = new Elysia()
      .get("/before", () => status(500))
      .use(maintenancePage({ intermission: await midDeploy() }))
      .onRequest(({ request }) => (request.url.endsWith("/hook") ? status(500) : undefined));
    expect(await statusOf(app, "/before")).toBe(503);
    expect(await statusOf(app, "/hook")).toBe(503);
    expect(await statusOf(app, "/missing")).toBe(404);
  });

  test("used in a plugin, it sees the whole app, and knows its errors", async () => {
    const told: MaskedError[] = [];
    const error = new Error("no such column");
    const fail = (): never => {
      throw error;
    };
    const intermission = await midDeploy({ onMasked: (masked) => told.push(masked) });
    const plugin = new Elysia().use(maintenancePage({ intermission })).get("/inside", fail);
    const app = new Elysia().use(plugin).get("/outside", fail);
    expect(await statusOf(app, "/inside")).toBe(503);
    expect(await statusOf(app, "/outside")).toBe(503);
    expect(told).toMatchObject([
      { path: "/inside", error },
      { path: "/outside", error },
    ]);
  });

  test("without an onError of the app, an error is Elysia's own answer at any other time", async () => {
    const app = new Elysia().use(maintenancePage({ intermission: await settled() })).get("/", () => {
      throw new Error("no such column");
    });
    const response = await app.handle(new Request("http://localhost/"));
    expect(response.status).toBe(500);
    expect(await response.text()).toBe("no such column");
  });

  test("a closed site calls no hook", async () => {
    const { intermission } = await closedSite();
    const app = new Elysia().use(maintenancePage({ intermission })).onRequest(() => {
      throw new Error("called");
    });
    expect(await statusOf(app, "/")).toBe(503);
  });

  test("an app that is not compiled, and could not be watched, is refused", () => {
    expect(() =>
      new Elysia({ aot: false }).use(maintenancePage({ release: "v1.0", store: "memory:" })),
    ).toThrow(/not compiled ahead of time/);
  });
});
