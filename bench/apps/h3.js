import { createServer } from "node:http";
import { H3, toNodeHandler } from "h3";
import { fail, greeting, loadIntermission, loadPrepared, variant } from "./variant.js";
import { listen } from "./listen.js";

const app = new H3(variant === "handler" ? { onError: await createHandler() } : {});
if (variant === "page") {
  const { intermission, maintenancePage } = await loadIntermission("h3");
  app.register(maintenancePage({ intermission }));
}
app.get("/", () => greeting);
app.get("/broken", fail);
await listen(createServer(toNodeHandler(app)));

async function createHandler() {
  const { page, headers } = await loadPrepared();
  // h3 has already logged the error.
  return () => new Response(page, { status: 503, headers });
}
