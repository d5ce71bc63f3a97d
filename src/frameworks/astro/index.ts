import { readyInTime } from "../../http/ready-in-time.ts";
import { gateRequest } from "../../http/web/gate.ts";
import { judgeResponse, judgeThrown, type WebExchange } from "../../http/web/judge.ts";
import type { Intermission } from "../../core/intermission.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** The parts of an Astro context used here. */
interface Context {
  readonly request: Request;
  readonly isPrerendered: boolean;
  readonly clientAddress: string;
  /** In Astro 6 and later, on a route; enabled if a provider is configured. */
  readonly cache?: { readonly enabled: boolean; set(input: false): void };
}

/**
 * Middleware for Astro 5 to 7 and pages rendered on demand. Put it first in `sequence`, so that it sees every
 * answer after it, including those of endpoints, actions and `500.astro`. While the site is closed, `next` is
 * not called. Ignores prerendered pages, and opens no store for them.
 *
 * @throws IntermissionError if an option is invalid, and on the first request if an environment variable is.
 * @example
 * ```ts
 * export const onRequest = maintenancePage();
 * ```
 */
export function maintenancePage(
  options: AdapterOptions = {},
): (context: Context, next: () => Promise<Response>) => Promise<Response> {
  if (!isShared(options)) resolveSettings(options, {});
  // Wait for a visitor: a build runs this too, for prerendered pages.
  let opening: Promise<Intermission> | undefined;
  let opened: Intermission | undefined;

  return async function maintenancePage(context, next) {
    if (context.isPrerendered) return next();
    const intermission = (opened ??= await (opening ??= open(options)));
    const { request } = context;
    const exchange: WebExchange = { request, frameworkRequest: context, addressOf: () => addressOf(context) };
    if (intermission.gated) {
      const answer = await gateRequest(exchange, intermission);
      if (answer !== undefined) return uncached(answer, context);
    }
    let response: Response;
    try {
      response = await next();
    } catch (error) {
      const page = await judgeThrown(exchange, error, intermission);
      if (page === undefined) {
        errors.set(request, error);
        throw error;
      }
      intermission.settings.logger.error(
        "[intermission] The route threw; the visitor got the maintenance page:",
        error,
      );
      return uncached(page, context);
    }
    const judged = await judgeResponse(exchange, response, intermission, errors.get(request));
    return judged === response ? response : uncached(judged, context);
  };
}

/** Astro caches an answer as long as the route or a rule says, whatever its status and `Cache-Control`. */
function uncached(answer: Response, { cache }: Context): Response {
  if (cache?.enabled === true) cache.set(false);
  return answer;
}

/**
 * Astro loads its middleware on the first request, which waits until it is known whether the site is closed.
 */
async function open(options: AdapterOptions): Promise<Intermission> {
  const intermission = intermissionFrom(options);
  await readyInTime(intermission);
  return intermission;
}

/** Regular errors by request: Astro then calls the middleware again, for `500.astro`. */
const errors = new WeakMap<object, unknown>();

/**
 * Astro trusts the first address of `X-Forwarded-For`, whoever sent it (after Astro 5, only on hosts it is
 * told to allow). So if that header is present, the address is unknown, and a closed site stays closed to it.
 */
function addressOf(context: Context): string | undefined {
  if (context.request.headers.has("x-forwarded-for")) return undefined;
  try {
    return context.clientAddress;
  } catch {
    return undefined;
  }
}
