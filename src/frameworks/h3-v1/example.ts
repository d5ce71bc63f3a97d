import { createServer } from "node:http";
import { createApp, createRouter, eventHandler, toNodeListener } from "h3";
import { maintenancePage } from "intermission/h3-v1";

const greet = eventHandler(() => "Hello");
const failing = eventHandler(() => {
  throw new Error("column orders.note does not exist");
});

const app = maintenancePage(createApp());
app.use(createRouter().get("/", greet).get("/orders", failing));

createServer(toNodeListener(app)).listen(3000);
