import { createServer } from "node:http";
import { H3, HTTPError, redirect, toNodeHandler } from "h3";
import { expect, test, vi } from "vitest";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { listen } from "../../../test/support/http.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

const bodyOf = (chunks: AsyncIterable<string>): ReadableStream =>
  ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());

const subject: FrameworkContractSubject = {
  start(setup) {
    const app = new H3({
      silent: true,
      onError(error) {
        if (error.status !== 500) return undefined;
        setup.onError(error.cause);
        return new Response("Oh no", { status: 500 });
      },
    });
    if (setup.options !== undefined) app.register(maintenancePage(setup.options));

    const fail = (): never => {
      throw setup.error;
    };
    app.mount("/mounted", new H3().get("/throws", fail));
    app.get("/", (event) => {
      event.res.headers.set("x-request-id", "r1");
      return setup.greet();
    });
    app.get("/json", () => ({ hello: "world" }));
    app.get("/empty", () => new Response(null, { status: 204 }));
    app.get("/old", () => redirect("/"));
    app.get("/refused", () => {
      throw new HTTPError({ status: 422, message: "No" });
    });
    app.get("/busy", () => new Response("Busy", { status: 503, headers: { "retry-after": "7" } }));
    app.post("/echo", (event) => event.req.text());
    app.get("/stream", () => bodyOf(setup.chunks()));
    app.get("/late", () => bodyOf(setup.lateChunks()));
    app.all("/throws", fail);
    app.get("/rejects", () => new Promise(setImmediate).then(fail));
    app.get("/sent", () => {
      const headers = new Headers();
      for (const [name, value] of setup.failedHeaders) headers.append(name, value);
      return new Response(setup.secret, { status: 500, headers });
    });
    app.get("/sent-json", () => Response.json({ error: setup.secret }, { status: 500 }));
    app.get("/stream-fails", () => new Response(bodyOf(setup.chunks()), { status: 500 }));
    return listen(createServer(toNodeHandler(app)));
  },
  skip: (request) => (request as Request).headers.has("x-skip"),
  address: "connection",
  knowsErrors: true,
  closes: false,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);

test("what nobody handles is logged by h3 as ever, once", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const app = new H3().register(maintenancePage({ intermission: await midDeploy() }));
  app.get("/", () => {
    throw new Error("no such column");
  });
  expect((await app.fetch(new Request("http://localhost/"))).status).toBe(503);
  expect(log).toHaveBeenCalledTimes(1);
  log.mockRestore();
});

test("an error is h3's own answer at any other time", async () => {
  const app = new H3({ silent: true }).register(maintenancePage({ intermission: await settled() }));
  app.get("/", () => {
    throw new HTTPError({ status: 502, message: "no upstream" });
  });
  const response = await app.fetch(new Request("http://localhost/"));
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ message: "no upstream" });
});
