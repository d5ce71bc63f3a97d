/*
 * The same small app for every runtime, as a plain Fetch handler and with Hono. Its store is HTTP, which
 * every runtime can use.
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
    // Hono's own handler prints each error to the console.
    app.onError((_error, context) => context.text("Internal Server Error", 500));
    return app.fetch;
  },
};

const quiet = { warn() {}, error() {} };

/** The handler of an instance on v1.0, with the store's address including its token. */
export function createApp(name, store) {
  const handler = apps[name]({
    release: "v1.0",
    store: httpStore({ url: store }),
    exempt: ["/exempt"],
    logger: quiet,
  });
  // Each runtime answers thrown errors in its own way, and Miniflare's is not ours to test.
  return async (...parameters) => {
    try {
      return await handler(...parameters);
    } catch {
      return new Response("Internal Server Error", { status: 500 });
    }
  };
}
