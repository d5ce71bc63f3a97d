import createApp from "fastify";
import { fail, greeting, loadIntermission, loadPrepared, variant } from "./variant.js";
import { listen } from "./listen.js";

const app = createApp();
if (variant === "page") {
  const { intermission, maintenancePage } = await loadIntermission("fastify");
  await app.register(maintenancePage, { intermission });
}
if (variant === "handler") {
  const { page, headers } = await loadPrepared();
  // Fastify logs nothing by default.
  app.setErrorHandler((_error, _request, reply) => {
    reply.code(503).headers(headers).send(page);
  });
}
app.get("/", (_request, reply) => {
  reply.send(greeting);
});
app.get("/broken", fail);
await app.ready();
await listen(app.server);
