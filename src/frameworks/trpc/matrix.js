import { createServer as createHttpServer } from "node:http";

const way = {
  success: "/greet",
  hello: '{"result":{"data":"Hello"}}',
  words: "urn:intermission:maintenance",
  accept: "application/json",
};

export const rows = [
  { title: "tRPC 11", packages: ["@trpc/server@11"], version: "@trpc/server", way, createServer },
];

async function createServer() {
  const { initTRPC } = await import("@trpc/server");
  const { createHTTPHandler } = await import("@trpc/server/adapters/standalone");
  const { maintenanceMeta, maintenancePage, maintenanceShape } = await import("intermission/trpc");
  const t = initTRPC.create({ errorFormatter: maintenanceShape });
  const procedure = t.procedure.use(maintenancePage());
  const router = t.router({
    greet: procedure.query(() => "Hello"),
    broken: procedure.query(() => {
      throw new Error("broken by the deploy");
    }),
  });
  return createHttpServer(createHTTPHandler({ router, responseMeta: maintenanceMeta }));
}
