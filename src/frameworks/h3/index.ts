import { serveRequest } from "../../http/web/serve.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** What is used of an app of h3. */
interface H3 {
  fetch: (request: Request) => Response | Promise<Response>;
  use(middleware: (event: Event, next: () => unknown) => unknown): unknown;
}

/** What is used of an event of h3. */
interface Event {
  readonly req: object;
}

/**
 * Plugin for h3 2. Register it before the app is served: it sees every answer of `fetch`, which is what servers call.
 * The app's own `onError` is asked as ever. While the site is closed, no handler is called.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
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
      throw error;
    };
    // Not `onError`: an app that has one logs what nobody handled twice. Without a promise where the app made none: h3
    // answers at once then.
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
