import { createServer } from "node:http";
import express from "express";
import { addRoutes } from "./express-routes.js";
import { listen } from "./listen.js";
import { headers, page } from "./prepared.js";

const app = express();
addRoutes(app);
// Express tells error handlers by their four parameters.
app.use((error, _request, response, _next) => {
  console.error(error.stack);
  response.writeHead(503, headers).end(page);
});
await listen(createServer(app));
