export const rows = [
  { title: "Hono 4", packages: ["hono@4", "@hono/node-server@2"], version: "hono", createServer },
];

async function createServer() {
  const { createAdaptorServer } = await import("@hono/node-server");
  const { Hono } = await import("hono");
  const { maintenancePage } = await import("intermission/hono");
  const app = new Hono();
  app.use(maintenancePage());
  app.get("/", (context) => context.text("Hello"));
  app.get("/broken", fail);
  return createAdaptorServer({ fetch: app.fetch });
}

function fail() {
  throw new Error("broken by the deploy");
}
