import { serve } from "@hono/node-server";
import { Elysia } from "elysia";
import { maintenancePage } from "intermission/elysia";

const app = new Elysia().use(maintenancePage());

app.get("/", () => "Hello");
app.get("/orders", () => {
  throw new Error("column orders.note does not exist");
});

serve({ fetch: app.fetch, port: 3000 });
