import { createServer as createHttpServer } from "node:http";

export const rows = [
  { title: "Koa 2", packages: ["koa@2"], version: "koa", createServer },
  { title: "Koa 3", packages: ["koa@3"], version: "koa", createServer },
];

async function createServer() {
  const { default: Koa } = await import("koa");
  const { maintenancePage } = await import("intermission/koa");
  const app = new Koa();
  app.silent = true;
  app.use(maintenancePage());
  app.use((context) => {
    if (context.path === "/broken") fail();
    context.body = "Hello";
  });
  return createHttpServer(app.callback());
}

function fail() {
  throw new Error("broken by the deploy");
}
