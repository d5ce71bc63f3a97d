export const rows = [{ title: "hapi 21", packages: ["@hapi/hapi@21"], version: "@hapi/hapi", createServer }];

async function createServer() {
  const { server: createHapi } = await import("@hapi/hapi");
  const { maintenancePage } = await import("intermission/hapi");
  const server = createHapi({ debug: false });
  await server.register({ plugin: maintenancePage, options: {} });
  server.route({ method: "GET", path: "/", handler: () => "Hello" });
  server.route({ method: "GET", path: "/broken", handler: fail });
  await server.initialize();
  return server.listener;
}

function fail() {
  throw new Error("broken by the deploy");
}
