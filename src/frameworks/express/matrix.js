import { createServer as createHttpServer } from "node:http";

export const rows = [
  { title: "Express 4", packages: ["express@4"], version: "express", createServer },
  { title: "Express 5", packages: ["express@5"], version: "express", createServer },
];

async function createServer() {
  const { default: express } = await import("express");
  const { maintenancePage } = await import("intermission/express");
  const app = express();
  app.use(maintenancePage());
  app.get("/", (_request, response) => response.send("Hello"));
  app.get("/broken", () => {
    throw new Error("broken by the deploy");
  });
  return createHttpServer(app);
}
