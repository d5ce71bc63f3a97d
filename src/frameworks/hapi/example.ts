import { server as createServer } from "@hapi/hapi";
import { maintenancePage } from "intermission/hapi";

const server = createServer({ port: 3000 });
await server.register({ plugin: maintenancePage, options: {} });

server.route({ method: "GET", path: "/", handler: () => "Hello" });
server.route({
  method: "GET",
  path: "/orders",
  handler: async () => {
    throw new Error("column orders.note does not exist");
  },
});

await server.start();
