import { createServer as createHttpServer } from "node:http";

const version = "@adonisjs/core";

export const rows = [
  { title: "AdonisJS 6", packages: ["@adonisjs/core@6"], version, createServer },
  { title: "AdonisJS 7", packages: ["@adonisjs/core@7"], version, nodes: [24, 26], createServer },
];

async function createServer() {
  const { Ignitor } = await import("@adonisjs/core");
  const { defineConfig } = await import("@adonisjs/core/http");
  const encryption = await import("@adonisjs/core/encryption");
  const appKey = "averylongrandomsecretkeyoftheapp";
  const ignitor = new Ignitor(new URL("./", import.meta.url)).tap((app) => {
    app.rcContents({
      providers: [() => import("@adonisjs/core/providers/app_provider"), () => import("intermission/adonis")],
      preloads: [
        async () => {
          const router = await app.container.make("router");
          router.get("/", () => "Hello");
          router.get("/broken", fail);
        },
      ],
    });
    app.useConfig({
      app: { appKey, http: defineConfig({}) },
      // AdonisJS 6 has none.
      encryption: encryption.defineConfig?.({
        default: "app",
        list: { app: encryption.drivers.aes256gcm({ id: "app", keys: [appKey] }) },
      }),
      logger: { default: "app", loggers: { app: { enabled: false } } },
    });
  });
  Object.assign(process.env, { HOST: "127.0.0.1", PORT: "0" });
  let server;
  await ignitor.httpServer().start((handler) => (server = createHttpServer(handler)));
  return server;
}

function fail() {
  throw new Error("broken by the deploy");
}
