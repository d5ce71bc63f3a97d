import { Catch, Controller, Get, Logger, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { fail, greeting, loadIntermission, loadPrepared, variant } from "./variant.js";
import { listen } from "./listen.js";

class Guests {
  greet() {
    return greeting;
  }
  break() {
    fail();
  }
}
Controller()(Guests);
addRoute("", "greet");
addRoute("broken", "break");

class App {}
Module({ imports: variant === "page" ? [await createModule()] : [], controllers: [Guests] })(App);

// Nest's startup log would go to stdout.
const app = await NestFactory.create(App, await createAdapter(), { logger: ["error"] });
if (variant === "handler") app.useGlobalFilters(new (await createFilter())());
await app.init();
await app.getHttpAdapter().getInstance().ready?.();
await listen(app.getHttpServer());

/** PLATFORM: `express` or `fastify`. */
async function createAdapter() {
  if (process.env.PLATFORM === "fastify")
    return new (await import("@nestjs/platform-fastify")).FastifyAdapter();
  return new (await import("@nestjs/platform-express")).ExpressAdapter();
}

async function createModule() {
  const { intermission, MaintenancePageModule } = await loadIntermission("nest");
  return MaintenancePageModule.forRoot({ intermission });
}

async function createFilter() {
  const { page, headers } = await loadPrepared();
  // As in Nest's own filter.
  const logger = new Logger("ExceptionsHandler");
  class Filter {
    catch(error, host) {
      logger.error(error);
      const response = host.switchToHttp().getResponse();
      response.status(503);
      if (process.env.PLATFORM === "fastify") response.headers(headers);
      else response.set(headers);
      response.send(page);
    }
  }
  Catch()(Filter);
  return Filter;
}

function addRoute(path, method) {
  Get(path)(Guests.prototype, method, Object.getOwnPropertyDescriptor(Guests.prototype, method));
}
