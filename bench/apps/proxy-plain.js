import { Agent, createServer, request as ask } from "node:http";
import { listen } from "./listen.js";

/* What people write themselves: node:http on both sides, and pipes. */

const { hostname, port } = new URL(process.env.UPSTREAM);
const agent = new Agent({ keepAlive: true });
const ofOneConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

function passedOn(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofOneConnection.has(name)));
}

const server = createServer((request, response) => {
  const headers = passedOn(request.headers);
  headers["x-forwarded-for"] = request.socket.remoteAddress;
  headers["x-forwarded-proto"] = "http";
  headers["x-forwarded-host"] = request.headers.host;
  const asked = ask({ agent, hostname, port, method: request.method, path: request.url, headers });
  asked.on("response", (answer) => {
    response.writeHead(answer.statusCode, passedOn(answer.headers));
    answer.pipe(response);
  });
  asked.on("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  response.on("close", () => asked.destroy());
  request.pipe(asked);
});

await listen(server);
