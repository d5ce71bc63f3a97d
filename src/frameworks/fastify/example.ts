import fastify from "fastify";
import { maintenancePage } from "intermission/fastify";

const app = fastify();
await app.register(maintenancePage);

app.get("/", () => "Hello");
app.get("/orders", async () => {
  throw new Error("column orders.note does not exist");
});

await app.listen({ port: 3000 });
