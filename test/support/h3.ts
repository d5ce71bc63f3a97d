import { H3, HTTPError, redirect, type H3Event } from "h3";
import type { FrameworkContractSetup } from "../../src/testing/index.ts";

const bodyOf = (chunks: AsyncIterable<string>): ReadableStream =>
  ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());

/**
 * The app of the framework contract, in h3 2.
 *
 * @param prepare Called before the app has any route.
 * @param hear Called with each error that the app's own handler answers.
 */
export function createContractApp(
  setup: FrameworkContractSetup,
  prepare: (app: H3) => void = () => undefined,
  hear: (error: HTTPError, event: H3Event) => void = () => undefined,
): H3 {
  const app = new H3({
    silent: true,
    onError(error, event) {
      if (error.status !== 500) return undefined;
      hear(error, event);
      setup.onError(error.cause);
      return new Response("Oh no", { status: 500 });
    },
  });
  prepare(app);

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
  return app;
}
