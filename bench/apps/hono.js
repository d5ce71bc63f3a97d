import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { fail, greeting, loadIntermission, loadPrepared, variant } from "./variant.js";
import { listen } from "./listen.js";

const app = new Hono();
if (variant === "page") {
  const { intermission, maintenancePage } = await loadIntermission("hono");
  app.use(maintenancePage({ intermission }));
}
if (variant === "handler") {
  const { page, headers } = await loadPrepared();
  app.onError((error, context) => {
    console.error(error);
    return context.body(page, 503, headers);
  });
}
app.get("/", (context) => context.text(greeting));
app.get("/broken", fail);
await listen(createAdaptorServer({ fetch: app.fetch }));
