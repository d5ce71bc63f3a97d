export const rows = [
  { title: "Fastify 4", packages: ["fastify@4"], version: "fastify", createServer },
  { title: "Fastify 5", packages: ["fastify@5"], version: "fastify", createServer },
];

async function createServer() {
  const { default: fastify } = await import("fastify");
  const { maintenancePage } = await import("intermission/fastify");
  const app = fastify();
  await app.register(maintenancePage);
  app.get("/", () => "Hello");
  app.get("/broken", fail);
  await app.ready();
  return app.server;
}

function fail() {
  throw new Error("broken by the deploy");
}
