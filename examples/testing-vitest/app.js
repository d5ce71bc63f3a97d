import { Hono } from "hono";
import { maintenancePage } from "intermission/hono";

/** `options`: those of maintenancePage. A test hands in a simulated deploy's intermission. */
export function createApp({ findBooks, options }) {
  const app = new Hono();
  app.use(maintenancePage(options));
  app.get("/health", (context) => context.text("ok"));
  app.get("/books", async (context) => context.json(await findBooks()));
  return app;
}
