import { serveRequest } from "../../http/web/serve.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** What is used of what React Router gives middleware. */
interface MiddlewareArguments {
  readonly request: Request;
}

/**
 * Middleware for React Router 7.9 and later, and 8, in framework mode. Put it first in the root route: it sees every answer of
 * the app's routes. `handleError` is asked as ever. While the site is closed, no loader and no action is called.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
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

/** A fetcher asks for one route by its name. Where that leads, no document is. */
function isNavigation({ method, url }: Request): boolean {
  return method === "GET" && !new URL(url).searchParams.has("_routes");
}

/**
 * The answer to a client's router that asks for the data of a page. With a 503 it would show the app's error boundary; so
 * it is told to load the page in full: https://reactrouter.com/api/utils/redirectDocument
 */
function loadDocument({ url }: Request): Response {
  const { pathname, search } = new URL(url);
  // Data of a path that ends with a slash is asked for by a name in its place: `_root` in 7, `_` in 8.
  const asked = pathname.replace(/(?:(?<=^\/)_root|(?<=\/)_)?\.data$/, "");
  // With two slashes it would lead to another host.
  const location = `/${asked.replace(/^\/+/, "")}${search}`;
  return new Response(null, {
    status: 302,
    headers: { location, "x-remix-reload-document": "true", "cache-control": "no-store" },
  });
}
