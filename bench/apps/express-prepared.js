import { createServer } from "node:http";
import express from "express";
import { listen } from "./listen.js";
import { headers, page } from "./prepared.js";

const app = express();
app.use((_request, response) => {
  response.writeHead(503, headers).end(page);
});
await listen(createServer(app));
