import express from "express";
import { maintenancePage } from "intermission/express";

/** `options`: those of maintenancePage. A test hands in a simulated deploy's intermission. */
export function createApp({ findBooks, options }) {
  const app = express();
  app.use(maintenancePage(options));
  app.get("/health", (_request, response) => response.send("ok"));
  app.get("/books", async (_request, response) => {
    response.json(await findBooks());
  });
  return app;
}
