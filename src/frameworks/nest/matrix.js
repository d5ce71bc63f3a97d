export const rows = [10, 11, 12].flatMap((major) => [
  row(major, "Express", createExpress),
  row(major, "Fastify", createFastify),
]);

function row(major, platform, createServer) {
  const names = ["core", "common", `platform-${platform.toLowerCase()}`];
  return {
    title: `NestJS ${major} on ${platform}`,
    packages: [...names.map((name) => `@nestjs/${name}@${major}`), "reflect-metadata@0.2", "rxjs@7"],
    version: "@nestjs/core",
    createServer,
  };
}

async function createExpress() {
  const { ExpressAdapter } = await import("@nestjs/platform-express");
  const app = await createApp(new ExpressAdapter());
  return app.getHttpServer();
}

async function createFastify() {
  const { FastifyAdapter } = await import("@nestjs/platform-fastify");
  const app = await createApp(new FastifyAdapter());
  await app.getHttpAdapter().getInstance().ready();
  return app.getHttpServer();
}

/** Calls the decorators by hand. */
async function createApp(adapter) {
  await import("reflect-metadata");
  const { Controller, Get, Module } = await import("@nestjs/common");
  const { NestFactory } = await import("@nestjs/core");
  const { MaintenancePageModule } = await import("intermission/nest");
  class AppController {
    greet() {
      return "Hello";
    }
    fail() {
      throw new Error("broken by the deploy");
    }
  }
  Controller()(AppController);
  for (const [path, method] of Object.entries({ "/": "greet", "/broken": "fail" })) {
    const descriptor = Object.getOwnPropertyDescriptor(AppController.prototype, method);
    Get(path)(AppController.prototype, method, descriptor);
  }
  class AppModule {}
  Module({ imports: [MaintenancePageModule.forRoot()], controllers: [AppController] })(AppModule);
  const app = await NestFactory.create(AppModule, adapter, { logger: false });
  return app.init();
}
