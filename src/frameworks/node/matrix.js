import { createServer as createHttpServer } from "node:http";

export const rows = [{ title: "`node:http`", packages: [], createServer }];

async function createServer() {
  const { maintenancePage } = await import("intermission/node");
  return createHttpServer(maintenancePage(listener));
}

function listener(request, response) {
  if (request.url === "/") response.end("Hello");
  else response.writeHead(500).end("Internal Server Error");
}
