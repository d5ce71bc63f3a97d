// Nest declares its options as classes but only needs their shape.
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Module, type INestApplication, type LoggerService } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter, type NestExpressApplication } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { afterEach, describe, expect, test } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { visit } from "../../../test/support/http.ts";
import { createController, createControllers, createFilter } from "../../../test/support/nest.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { MaintenancePageModule, type MaintenancePageDynamicModule } from "./index.ts";

type Platform = "Express" | "Fastify";

interface AppPlan {
  readonly imports?: readonly MaintenancePageDynamicModule[];
  readonly controllers: readonly (new () => object)[];
  readonly trustProxy?: boolean;
  readonly logger?: LoggerService | false;
}

async function create(platform: Platform, plan: AppPlan): Promise<INestApplication> {
  const { imports = [], controllers, trustProxy = false, logger = false } = plan;
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class
  class AppModule {}
  Module({ imports: [...imports], controllers: [...controllers] })(AppModule);
  const options = { logger, abortOnError: false, forceCloseConnections: true };
  if (platform === "Fastify")
    return NestFactory.create(
      AppModule,
      new FastifyAdapter({ trustProxy, forceCloseConnections: true }),
      options,
    );
  const app = await NestFactory.create<NestExpressApplication>(AppModule, new ExpressAdapter(), options);
  app.set("trust proxy", trustProxy);
  return app.useBodyParser("text");
}

async function listen(app: INestApplication): Promise<string> {
  await app.listen(0, "127.0.0.1");
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return `http://127.0.0.1:${String(port)}`;
}

describe.each(["Express", "Fastify"] as const)("on %s", (platform) => {
  const subject: FrameworkContractSubject = {
    async start(setup) {
      const app = await create(platform, {
        imports: setup.options === undefined ? [] : [MaintenancePageModule.forRoot(setup.options)],
        controllers: createControllers(setup),
        trustProxy: setup.trustProxy,
      });
      const Filter = createFilter(setup);
      app.useGlobalFilters(new Filter(app.getHttpAdapter()));
      const url = await listen(app);
      return { url, server: app.getHttpServer() as Server, close: () => app.close() };
    },
    skip: (request) => "x-skip" in (request as { readonly headers: object }).headers,
    address: "proxy",
    knowsErrors: true,
    closes: true,
  };
  for (const { name, run } of frameworkContract(subject)) test(name, run);

  const apps: INestApplication[] = [];
  afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));
  const failing = createController("/", {
    "GET /throws": () => {
      throw new Error("no such column");
    },
  });
  async function serve(
    plan: AppPlan,
    set: (app: INestApplication) => void = () => undefined,
  ): Promise<string> {
    const app = await create(platform, plan);
    apps.push(app);
    set(app);
    return listen(app);
  }

  test("errors are logged by Nest as ever, once", async () => {
    const logged: unknown[] = [];
    const logger = {
      log: () => undefined,
      warn: () => undefined,
      error: (...parts: unknown[]) => logged.push(parts[0]),
    };
    const imports = [MaintenancePageModule.forRoot({ intermission: await midDeploy() })];
    const url = await serve({ imports, controllers: [failing], logger });
    expect((await visit(`${url}/throws`)).status).toBe(503);
    expect(logged.map(String)).toEqual([expect.stringContaining("no such column")]);
  });

  test("what a guard threw is told, once, though several apps are in the process", async () => {
    const told: unknown[] = [];
    const options = { onMasked: ({ error }: MaskedError): unknown => told.push(error) };
    const imports = [MaintenancePageModule.forRoot({ intermission: await midDeploy(options) })];
    const error = new Error("no such table: sessions");
    const canActivate = (): boolean => {
      throw error;
    };
    await serve({ controllers: [failing] });
    const url = await serve({ imports, controllers: [failing] }, (app) => {
      app.useGlobalGuards({ canActivate });
    });
    expect((await visit(`${url}/throws`)).status).toBe(503);
    expect(told).toEqual([error]);
  });

  test("middleware that is used before the app starts has its errors masked too", async () => {
    const imports = [MaintenancePageModule.forRoot({ intermission: await midDeploy() })];
    const url = await serve({ imports, controllers: [failing] }, (app) => {
      app.use((_request: unknown, _response: unknown, next: (error: unknown) => void) => {
        next(new Error("no such table: sessions"));
      });
    });
    expect((await visit(`${url}/anything`)).status).toBe(503);
  });

  test("options may be made when the app starts, of what it provides", async () => {
    const { intermission } = await closedSite();
    // eslint-disable-next-line @typescript-eslint/no-extraneous-class
    class ConfigModule {}
    Module({ providers: [{ provide: "config", useValue: { intermission } }], exports: ["config"] })(
      ConfigModule,
    );
    const imports = [
      MaintenancePageModule.forRootAsync({
        imports: [ConfigModule],
        inject: ["config"],
        useFactory: async (config: { intermission: typeof intermission }) => config,
      }),
    ];
    const url = await serve({ imports, controllers: [failing] });
    expect((await visit(`${url}/throws`)).headers["x-maintenance"]).toBe("closed");
  });

  test("a shared intermission is left to its maker", async () => {
    const intermission = await settled();
    const app = await create(platform, {
      imports: [MaintenancePageModule.forRoot({ intermission })],
      controllers: [],
    });
    await app.init();
    await app.close();
    await expect(intermission.status()).resolves.toMatchObject({ currentRelease: "v1.0" });
  });

  test("a wrong option keeps the app from starting", async () => {
    const imports = [MaintenancePageModule.forRoot({ retryAfter: -1, store: "memory:" })];
    await expect(create(platform, { imports, controllers: [] })).rejects.toThrow("retryAfter");
  });
});

test("an app without HTTP is left alone", async () => {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class
  class AppModule {}
  Module({ imports: [MaintenancePageModule.forRoot({ retryAfter: -1 })] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  await app.close();
});
