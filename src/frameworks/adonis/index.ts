import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "../../http/node/gate.ts";
import { intercept, rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** What is used of a context of AdonisJS. */
interface HttpContext {
  readonly request: { readonly request: IncomingMessage };
  readonly response: {
    readonly response: ServerResponse;
    getHeaders(): Readonly<Record<string, OutgoingHttpHeader | undefined>>;
  };
}

/** What is used of an exception handler of AdonisJS. */
interface ExceptionHandler {
  report(error: unknown, context: HttpContext): unknown;
}

interface Middleware {
  handle(context: HttpContext, next: () => Promise<unknown>): Promise<unknown>;
}

/** A module that AdonisJS loads when it is needed. */
type Load<Instance> = () => Promise<{ default: new (...dependencies: never[]) => Instance }>;

/** What is used of the server of AdonisJS. */
interface Server {
  use(middleware: Load<Middleware>[]): unknown;
  errorHandler(load: Load<ExceptionHandler>): unknown;
}

/** What is used of an application of AdonisJS. */
interface Application {
  getEnvironment(): string;
  readonly config: { get(key: "intermission", otherwise: AdapterOptions): AdapterOptions };
  readonly container: { make(binding: "server"): Promise<Server> };
}

/** The options, for `config/intermission.ts`. */
export function defineConfig(options: AdapterOptions): AdapterOptions {
  return options;
}

/**
 * Provider for AdonisJS 6 and 7. It reads `config/intermission.ts`, where there is one, and comes before the middleware
 * of `start/kernel.ts`: it sees every answer of the server. The exception handler reports and handles each error as ever.
 * While the site is closed, nothing after it is called. An intermission that it made itself is closed with the app. In
 * commands it does nothing.
 *
 * @example
 * ```ts
 * export default defineConfig({ providers: [() => import("intermission/adonis")] });
 * ```
 */
export default class MaintenancePageProvider {
  readonly #app: Application;
  #close: (() => Promise<void>) | undefined;

  constructor(app: Application) {
    this.#app = app;
  }

  /** @throws IntermissionError when an option or environment variable can't be used. The app then does not start. */
  async boot(): Promise<void> {
    if (!["web", "test"].includes(this.#app.getEnvironment())) return;
    const server = await this.#app.container.make("server");
    const options = this.#app.config.get("intermission", {});
    const intermission = intermissionFrom(options);
    if (!isShared(options)) this.#close = () => intermission.close();
    const module = { default: createMiddleware(intermission) };
    server.use([async () => module]);
    rememberErrors(server);
  }

  async shutdown(): Promise<void> {
    await this.#close?.();
  }
}

function createMiddleware(intermission: Intermission): new () => Middleware {
  return class MaintenancePageMiddleware {
    async handle(context: HttpContext, next: () => Promise<unknown>): Promise<unknown> {
      if (intermission.gated && !(await isAdmitted(context, intermission))) return undefined;
      intercept(context.request.request, context.response.response, intermission, context.request);
      return next();
    }
  };
}

/** Whether the app is to answer. Where it is not, the answer is sent, or the visitor has gone. */
function isAdmitted({ request, response }: HttpContext, intermission: Intermission): Promise<boolean> {
  const raw = response.response;
  return new Promise((resolve) => {
    const proceed = (): void => {
      resolve(true);
    };
    gate(request.request, raw, intermission, proceed, {
      frameworkRequest: request,
      instead() {
        // Those of middleware before this one: AdonisJS would hand them over with its own answer.
        for (const [name, value] of Object.entries(response.getHeaders()))
          if (value !== undefined && !raw.headersSent) raw.setHeader(name, value);
        resolve(false);
      },
    });
  });
}

/** Middleware does not learn what was thrown: whoever runs it hands that to the exception handler alone. */
function rememberErrors(server: Server): void {
  const { errorHandler } = server;
  server.errorHandler = (load) =>
    Reflect.apply(errorHandler, server, [
      async () => {
        const { default: Handler } = await load();
        return {
          default: class extends Handler {
            override report(error: unknown, context: HttpContext): unknown {
              rememberError(context.response.response, error);
              return super.report(error, context);
            }
          },
        };
      },
    ]);
}
