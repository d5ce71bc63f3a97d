import { Ignitor } from "@adonisjs/core";
import { defineConfig } from "@adonisjs/core/http";

const ignitor = new Ignitor(new URL("./", import.meta.url)).tap((app) => {
  app.useConfig({
    app: { appKey: "averylongrandomsecretkey", http: defineConfig({}) },
    logger: { default: "app", loggers: { app: {} } },
  });
  app.rcContents({
    providers: [() => import("@adonisjs/core/providers/app_provider"), () => import("intermission/adonis")],
    preloads: [
      async () => {
        const router = await app.container.make("router");
        router.get("/", () => "Hello");
        router.get("/orders", () => {
          throw new Error("column orders.note does not exist");
        });
      },
    ],
  });
});

process.env["PORT"] ??= "3000";
await ignitor.httpServer().start();
