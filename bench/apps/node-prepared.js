import { createServer } from "node:http";
import { listen } from "./listen.js";
import { headers, page } from "./prepared.js";

await listen(
  createServer((_request, response) => {
    response.writeHead(503, headers).end(page);
  }),
);
