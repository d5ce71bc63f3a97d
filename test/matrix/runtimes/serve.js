/* node|bun|deno serve.js <app> <store>: serves the app on the loopback, and prints its port. */
/* global Bun, Deno */
import { createApp } from "./app.js";

const [name, store] = globalThis.Deno?.args ?? process.argv.slice(2);
const handler = createApp(name, store);
const address = { hostname: "127.0.0.1", port: 0 };

if (typeof Bun !== "undefined") {
  console.log(Bun.serve({ ...address, fetch: (request) => handler(request) }).port);
} else if (typeof Deno !== "undefined") {
  Deno.serve({ ...address, onListen: ({ port }) => console.log(port) }, (request) => handler(request));
} else {
  const { serve } = await import("@hono/node-server");
  serve({ ...address, fetch: handler }, ({ port }) => console.log(port));
}
