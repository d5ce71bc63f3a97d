import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "../../http/node/gate.ts";
import { intercept, rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** The parts of an AdonisJS context used here. */
interface HttpContext {
  readonly request: { readonly request: IncomingMessage };
  readonly response: {
    readonly response: ServerResponse;
    getHeaders(): Readonly<Record<string, OutgoingHttpHeader | undefined>>;
  };
}

/** The parts of an AdonisJS exception handler used here. */
interface ExceptionHandler {
  report(error: unknown, context: HttpContext): unknown;
}

interface Middleware {
  handle(context: HttpContext, next: () => Promise<unknown>): Promise<unknown>;
}

/** A module that AdonisJS loads on demand. */
type Load<Instance> = () => Promise<{ default: new (...dependencies: never[]) => Instance }>;

/** The parts of the AdonisJS server used here. */
interface Server {
  use(middleware: Load<Middleware>[]): unknown;
  errorHandler(load: Load<ExceptionHandler>): unknown;
}

/** The parts of an AdonisJS application used here. */
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
 * Provider for AdonisJS 6 and 7. It reads `config/intermission.ts`, if there is one, and comes before the
 * middleware of `start/kernel.ts`, so it sees every answer of the server. The exception handler still reports
 * and handles each error. While the site is closed, nothing after it is called. An intermission it made
 * itself is closed with the app. In commands it does nothing.
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

  /**
   * @throws IntermissionError if an option or environment variable is invalid. The app then does not start.
   */
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

/** Whether the app should answer. If not, the answer is sent, or the visitor has left. */
function isAdmitted({ request, response }: HttpContext, intermission: Intermission): Promise<boolean> {
  const raw = response.response;
  return new Promise((resolve) => {
    const proceed = (): void => {
      resolve(true);
    };
    gate(request.request, raw, intermission, proceed, {
      frameworkRequest: request,
      instead() {
        // Set by earlier middleware: AdonisJS would send them with its own answer.
        for (const [name, value] of Object.entries(response.getHeaders()))
          if (value !== undefined && !raw.headersSent) raw.setHeader(name, value);
        resolve(false);
      },
    });
  });
}

/** Middleware does not see what was thrown: its runner passes that only to the exception handler. */
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
