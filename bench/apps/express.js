import { createServer } from "node:http";
import express from "express";
import { fail, greeting, loadIntermission, loadPrepared, variant } from "./variant.js";
import { listen } from "./listen.js";

const app = express();
if (variant === "page") {
  const { intermission, maintenancePage } = await loadIntermission("express");
  app.use(maintenancePage({ intermission }));
}
app.get("/", (_request, response) => {
  response.send(greeting);
});
app.get("/broken", fail);
if (variant === "handler") {
  const { page, headers } = await loadPrepared();
  // Express recognizes error handlers by their four parameters.
  app.use((error, _request, response, _next) => {
    console.error(error.stack);
    response.writeHead(503, headers).end(page);
  });
}
await listen(createServer(app));
