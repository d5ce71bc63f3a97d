export const rows = [
  { title: "Restify 11", packages: ["restify@11"], version: "restify", nodes: [20, 22], createServer },
  { title: "Restify 12", packages: ["restify@12"], version: "restify", nodes: [22, 24, 26], createServer },
];

async function createServer() {
  const { default: restify } = await import("restify");
  const { maintenancePage } = await import("intermission/restify");
  const server = restify.createServer();
  server.pre(maintenancePage());
  server.get("/", async (_request, response) => {
    response.setHeader("content-type", "text/plain");
    response.send("Hello");
  });
  server.get("/broken", async () => {
    throw new Error("broken by the deploy");
  });
  return server.server;
}
