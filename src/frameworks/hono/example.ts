import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { maintenancePage } from "intermission/hono";

const app = new Hono();
app.use(maintenancePage());

app.get("/", (context) => context.text("Hello"));
app.get("/orders", () => {
  throw new Error("column orders.note does not exist");
});

serve({ fetch: app.fetch, port: 3000 });
