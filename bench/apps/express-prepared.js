import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import express from "express";
import { listen } from "./listen.js";

const page = readFileSync(process.env.PAGE_FILE);
const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Length": page.byteLength,
  "Retry-After": 60,
  "Cache-Control": "no-store",
};

const app = express();
app.use((_request, response) => {
  response.writeHead(503, headers).end(page);
});
await listen(createServer(app));
