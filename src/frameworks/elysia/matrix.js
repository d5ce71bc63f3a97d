export const rows = [
  { title: "Elysia 1", packages: ["elysia@1", "@hono/node-server@2"], version: "elysia", createServer },
];

async function createServer() {
  const { createAdaptorServer } = await import("@hono/node-server");
  const { Elysia } = await import("elysia");
  const { maintenancePage } = await import("intermission/elysia");
  const app = new Elysia().use(maintenancePage());
  app.get("/", () => "Hello");
  app.get("/broken", fail);
  return createAdaptorServer({ fetch: app.fetch });
}

function fail() {
  throw new Error("broken by the deploy");
}
