/*
 * The same small app for every runtime, as a plain Fetch handler and with Hono. Its store is HTTP: nothing that a
 * runtime might lack.
 */
import { Hono } from "hono";
import { maintenancePage as wrapHandler } from "intermission/fetch";
import { maintenancePage as honoMiddleware } from "intermission/hono";
import { httpStore } from "intermission/stores/http";

function fail() {
  throw new Error("broken by the deploy");
}

const apps = {
  fetch: (options) =>
    wrapHandler((request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/broken") fail();
      return pathname === "/sent" ? new Response("Sorry", { status: 500 }) : new Response("Hello");
    }, options),
  hono: (options) => {
    const app = new Hono();
    app.use(honoMiddleware(options));
    app.get("/", (context) => context.text("Hello"));
    app.get("/sent", (context) => context.text("Sorry", 500));
    app.get("/broken", fail);
    // Hono's own writes each error to the console.
    app.onError((_error, context) => context.text("Internal Server Error", 500));
    return app.fetch;
  },
};

const quiet = { warn() {}, error() {} };

/** The handler of an instance on v1.0, whose store is at an address with the token in it. */
export function createApp(name, store) {
  const handler = apps[name]({
    release: "v1.0",
    store: httpStore({ url: store }),
    exempt: ["/exempt"],
    logger: quiet,
  });
  // A runtime has an answer of its own for what is thrown, and Miniflare's is not ours to judge.
  return async (...parameters) => {
    try {
      return await handler(...parameters);
    } catch {
      return new Response("Internal Server Error", { status: 500 });
    }
  };
}
