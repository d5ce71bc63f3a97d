import { IntermissionError } from "../../core/errors.ts";
import { rememberRoute } from "../../core/remembered-route.ts";
import { serveRequest } from "../../http/web/serve.ts";
import type { WebRequest } from "../../http/web/judge.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

type Handle = (request: WebRequest) => Response | Promise<Response>;

/** The parts of an Elysia app used here. */
interface Elysia {
  readonly config: { readonly aot?: boolean | undefined };
  readonly server: { requestIP?(request: never): { readonly address: string } | null } | null;
  onError(
    options: { readonly as: "global" },
    handler: (context: {
      readonly request: object;
      readonly error: unknown;
      readonly route?: string | undefined;
    }) => void,
  ): unknown;
  wrap(handle: (handle: Handle) => Handle): unknown;
}

/**
 * Plugin for Elysia 1.4. Used anywhere in the served app, it sees every answer. The app's own `onError` still
 * runs. While the site is closed, no handler or hook runs.
 *
 * @throws IntermissionError if an option or environment variable, or the app's option `aot`, is invalid.
 * @example
 * ```ts
 * const app = new Elysia().use(maintenancePage());
 * ```
 */
export function maintenancePage(options?: AdapterOptions): <App extends object>(app: App) => App {
  const intermission = intermissionFrom(options);
  return function maintenancePage(plain) {
    const app = plain as typeof plain & Elysia;
    if (app.config.aot === false) throw notCompiled();
    const errors = new WeakMap<object, unknown>();
    app.onError({ as: "global" }, ({ request, error, route }) => {
      errors.set(request, error);
      rememberRoute(request, route);
    });
    app.wrap(
      (handle) => (request: WebRequest & { readonly ip?: string | undefined }) =>
        serveRequest(
          {
            request,
            frameworkRequest: request,
            // If served by srvx, as by `@elysiajs/node`; else by Bun.
            addressOf: () => request.ip ?? app.server?.requestIP?.(request as never)?.address,
          },
          intermission,
          () => handle(request),
          () => errors.get(request),
        ),
    );
    return plain;
  };
}

/** Only compiled apps can be wrapped: otherwise Elysia ignores `wrap` silently. */
function notCompiled(): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "An app of Elysia that is not compiled ahead of time can't be watched from inside",
    expected: "an app without `aot: false` and without ELYSIA_AOT=false",
    remedy: "Or wrap what is served: `maintenancePage(app.fetch)` of intermission/fetch.",
  });
}
