import { rememberRoute } from "../../core/remembered-route.ts";
import { serveRequest } from "../../http/web/serve.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** The parts of an h3 app used here. */
interface H3 {
  fetch: (request: Request) => Response | Promise<Response>;
  use(middleware: (event: Event, next: () => unknown) => unknown): unknown;
}

/** The parts of an h3 event used here. */
interface Event {
  readonly req: object;
  readonly context: { readonly matchedRoute?: { readonly route?: string | undefined } | undefined };
}

/**
 * Plugin for h3 2. Register it before the app is served, so that it sees every answer of `fetch`, which
 * servers call. The app's own `onError` still runs. While the site is closed, no handler is called.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * const app = new H3().register(maintenancePage());
 * ```
 */
export function maintenancePage(options?: AdapterOptions): (app: H3) => void {
  const intermission = intermissionFrom(options);
  return function maintenancePage(app) {
    const { fetch } = app;
    const errors = new WeakMap<object, unknown>();
    const remember = (event: Event, error: unknown): never => {
      errors.set(event.req, error);
      rememberRoute(event.req, event.context.matchedRoute?.route);
      throw error;
    };
    // Not `onError`: with one, h3 logs unhandled errors twice. No promise if the app returned none: then h3
    // answers at once.
    app.use((event, next) => {
      try {
        const answer = next();
        return answer instanceof Promise ? answer.catch((error: unknown) => remember(event, error)) : answer;
      } catch (error) {
        return remember(event, error);
      }
    });
    app.fetch = (request: Request & { readonly ip?: string | undefined }) =>
      serveRequest(
        {
          request,
          frameworkRequest: request,
          addressOf: () => request.ip,
        },
        intermission,
        () => fetch(request),
        () => errors.get(request),
      );
  };
}
