import { createServer as createHttpServer } from "node:http";

export const rows = [{ title: "h3 1", packages: ["h3@1"], version: "h3", createServer }];

async function createServer() {
  const { createApp, createRouter, eventHandler, toNodeListener } = await import("h3");
  const { maintenancePage } = await import("intermission/h3-v1");
  const greet = eventHandler(() => "Hello");
  const app = maintenancePage(createApp());
  app.use(createRouter().get("/", greet).get("/broken", eventHandler(fail)));
  return createHttpServer(toNodeListener(app));
}

function fail() {
  throw new Error("broken by the deploy");
}
