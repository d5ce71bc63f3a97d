import { createServer } from "restify";
import { maintenancePage } from "intermission/restify";

const server = createServer();
server.pre(maintenancePage());

server.get("/", (_request, response, next) => {
  response.send("Hello");
  next();
});
server.get("/orders", async () => {
  throw new Error("column orders.note does not exist");
});

server.listen(3000);
