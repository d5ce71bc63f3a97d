import type { ServerResponse } from "node:http";
import { rememberRoute } from "../../core/remembered-route.ts";
import type * as nest from "@nestjs/common";
import { createMiddleware } from "../../http/node/gate.ts";
import { rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** A Nest dynamic module, in minimal types that are readable without Nest. */
export interface MaintenancePageDynamicModule {
  module: new () => object;
  imports?: Promise<MaintenancePageDynamicModule>[];
}

/** Options built from the app's other providers, as in Nest's dynamic modules. */
export interface MaintenancePageAsyncOptions {
  /** Modules that provide what `inject` names. */
  readonly imports?: readonly unknown[];
  /** Tokens of `useFactory`'s arguments. */
  readonly inject?: readonly unknown[];
  useFactory(...dependencies: never[]): AdapterOptions | Promise<AdapterOptions>;
}

/**
 * Module for NestJS, on Express and on Fastify. Import it in the root module. It comes before all middleware,
 * including that of `app.use`; guards, interceptors and exception filters still run. While the site is
 * closed, none of them does. An intermission it made itself is closed with the app. Without HTTP it does
 * nothing.
 *
 * @example
 * ```ts
 * const root = { imports: [MaintenancePageModule.forRoot()] };
 * ```
 */
// A module of Nest is a class, and what makes it is a static method.
// eslint-disable-next-line @typescript-eslint/no-extraneous-class
export class MaintenancePageModule {
  /** An invalid option or environment variable stops the app from starting. */
  static forRoot(options: AdapterOptions = {}): MaintenancePageDynamicModule {
    return MaintenancePageModule.forRootAsync({ useFactory: () => options });
  }

  /** Like {@link forRoot}, with options created when the app starts. */
  static forRootAsync(options: MaintenancePageAsyncOptions): MaintenancePageDynamicModule {
    const installer = createInstaller(options) as Promise<MaintenancePageDynamicModule>;
    return { module: MaintenancePageModule, imports: [installer] };
  }
}

// eslint-disable-next-line @typescript-eslint/no-extraneous-class
class Installer {}

const optionsToken = Symbol("the options of Intermission");
const installationToken = Symbol("Intermission at work");

/** Asks for Nest's own tokens; without Nest, nobody calls this. */
async function createInstaller(options: MaintenancePageAsyncOptions): Promise<nest.DynamicModule> {
  const { HttpAdapterHost } = await import("@nestjs/core");
  const { ExceptionsHandler } = await import("@nestjs/core/exceptions/exceptions-handler.js");
  rememberErrors(ExceptionsHandler.prototype);
  const {
    imports = [],
    inject = [],
    useFactory,
  } = options as Pick<nest.FactoryProvider, "inject" | "useFactory"> & Pick<nest.DynamicModule, "imports">;
  return {
    module: Installer,
    imports,
    providers: [
      { provide: optionsToken, inject, useFactory },
      {
        provide: installationToken,
        inject: [HttpAdapterHost, optionsToken],
        useFactory: ({ httpAdapter }: Host, given: AdapterOptions) => install(httpAdapter, given),
      },
    ],
  };
}

interface Host {
  /** Absent if an app has no HTTP. */
  readonly httpAdapter?: nest.HttpServer | null;
}

/** Called before the app's creator gets it, so nothing is mounted yet. */
function install(
  adapter: nest.HttpServer | null | undefined,
  options: AdapterOptions,
): nest.OnApplicationShutdown {
  if (adapter === null || adapter === undefined) return { onApplicationShutdown: () => undefined };
  const intermission = intermissionFrom(options);
  // On Fastify, too, middleware runs before every hook added later, in order of use.
  adapter.use(createMiddleware(intermission));
  return {
    async onApplicationShutdown() {
      if (!isShared(options)) await intermission.close();
    },
  };
}

/** The parts of a Fastify request used here. */
interface FastifyRequest {
  readonly raw?: object;
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** Passes each error of a route or middleware to its filters. */
interface ExceptionsHandler {
  next(error: unknown, host: nest.ArgumentsHost): void;
}

const remembering = new WeakSet<ExceptionsHandler>();

/**
 * Here, because an interceptor would cost every success a tenth of a millisecond, and a filter would replace
 * the app's own.
 */
function rememberErrors(handler: ExceptionsHandler): void {
  if (remembering.has(handler)) return;
  remembering.add(handler);
  const { next } = handler;
  handler.next = function (error, host) {
    remember(error, host);
    Reflect.apply(next, this, [error, host]);
  };
}

function remember(error: unknown, host: nest.ArgumentsHost): void {
  if (host.getType() !== "http") return;
  const http = host.switchToHttp();
  const response: (ServerResponse & { readonly raw?: ServerResponse }) | undefined = http.getResponse();
  if (response !== undefined) rememberError(response.raw ?? response, error);
  // Middleware gets Node's request, which does not know Fastify's route.
  const request: FastifyRequest | undefined = http.getRequest();
  if (request?.raw !== undefined) rememberRoute(request.raw, request.routeOptions?.url);
}
