import { createServer as createHttpServer } from "node:http";

export const rows = [{ title: "h3 2", packages: ["h3@2"], version: "h3", createServer }];

async function createServer() {
  const { H3, toNodeHandler } = await import("h3");
  const { maintenancePage } = await import("intermission/h3");
  const app = new H3({ silent: true }).register(maintenancePage());
  app.get("/", () => "Hello");
  app.get("/broken", fail);
  return createHttpServer(toNodeHandler(app));
}

function fail() {
  throw new Error("broken by the deploy");
}
