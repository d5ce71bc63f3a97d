import { createServer } from "node:http";
import Koa from "koa";
import { fail, greeting, loadIntermission, loadPrepared, variant } from "./variant.js";
import { listen } from "./listen.js";

const app = new Koa();
if (variant === "page") {
  const { intermission, maintenancePage } = await loadIntermission("koa");
  app.use(maintenancePage({ intermission }));
}
if (variant === "handler") {
  const { page, headers } = await loadPrepared();
  app.use(async (context, next) => {
    try {
      await next();
    } catch (error) {
      // Koa's own log, as in its guide.
      app.emit("error", error, context);
      context.status = 503;
      context.set(headers);
      context.body = page;
    }
  });
}
app.use((context) => {
  if (context.path === "/broken") fail();
  context.body = greeting;
});
await listen(createServer(app.callback()));
