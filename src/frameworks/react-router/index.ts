import { serveRequest } from "../../http/web/serve.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** The parts of React Router's middleware arguments used here. */
interface MiddlewareArguments {
  readonly request: Request;
}

/**
 * Middleware for React Router 7.9 and later, and 8, in framework mode. Put it first in the root route, so
 * that it sees every answer of the app's routes. `handleError` still runs. While the site is closed, no
 * loader or action runs.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * // app/root.tsx
 * export const middleware = [maintenancePage()];
 * ```
 */
export function maintenancePage(
  options?: AdapterOptions,
): (received: MiddlewareArguments, next: () => Promise<Response>) => Promise<Response> {
  const intermission = intermissionFrom(options);
  return async function maintenancePage({ request }, next) {
    let failed: Response | undefined;
    const answer = await serveRequest(
      { request, frameworkRequest: request },
      intermission,
      async () => (failed = await next()),
    );
    if (answer === failed || failed?.headers.has("x-remix-response") !== true) return answer;
    return isNavigation(request) ? loadDocument(request) : answer;
  };
}

/** A fetcher names one route. There is no document to load at that address. */
function isNavigation({ method, url }: Request): boolean {
  return method === "GET" && !new URL(url).searchParams.has("_routes");
}

/**
 * The answer to a client router that asks for a page's data. A 503 would show the app's error boundary, so it
 * is told to load the full page: https://reactrouter.com/api/utils/redirectDocument
 */
function loadDocument({ url }: Request): Response {
  const { pathname, search } = new URL(url);
  // For a path that ends with a slash, the data's name is `_root` in 7, `_` in 8.
  const asked = pathname.replace(/(?:(?<=^\/)_root|(?<=\/)_)?\.data$/, "");
  // Two slashes would lead to another host.
  const location = `/${asked.replace(/^\/+/, "")}${search}`;
  return new Response(null, {
    status: 302,
    headers: { location, "x-remix-reload-document": "true", "cache-control": "no-store" },
  });
}
