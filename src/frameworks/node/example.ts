import { createServer } from "node:http";
import { maintenancePage } from "intermission/node";

const server = createServer(
  maintenancePage(async (request, response) => {
    if (request.url === "/") response.end("Hello");
    else if (request.url === "/orders") throw new Error("column orders.note does not exist");
    else response.writeHead(404).end("Not found");
  }),
);

server.listen(3000);
