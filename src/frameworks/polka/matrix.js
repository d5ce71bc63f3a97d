import { createServer as createHttpServer } from "node:http";

export const rows = [{ title: "Polka 0.5", packages: ["polka@0.5"], version: "polka", createServer }];

async function createServer() {
  const { default: polka } = await import("polka");
  const { maintenancePage } = await import("intermission/polka");
  const app = polka()
    .use(maintenancePage())
    .get("/", (_request, response) => response.end("Hello"))
    .get("/broken", (_request, _response, next) => next(new Error("broken by the deploy")));
  return createHttpServer(app.handler);
}
