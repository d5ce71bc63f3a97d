import { createServer } from "node:http";
import { greeting, loadIntermission, loadPrepared, variant } from "./variant.js";
import { listen } from "./listen.js";

const text = "text/plain; charset=utf-8";

/** A hand-written listener: a page, and an error that is caught and answered. */
function answer(request, response) {
  if (request.url === "/broken") {
    response.statusCode = 500;
    response.setHeader("Content-Type", text);
    response.end("Internal Server Error");
    return;
  }
  response.setHeader("Content-Type", text);
  response.end(greeting);
}

let listener = answer;
if (variant === "page") {
  const { intermission, maintenancePage } = await loadIntermission("node");
  listener = maintenancePage(answer, { intermission });
}
if (variant === "handler") {
  const { page, headers } = await loadPrepared();
  listener = (_request, response) => {
    response.writeHead(503, headers).end(page);
  };
}
await listen(createServer(listener));
