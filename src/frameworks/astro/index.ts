import { readyInTime } from "../../http/ready-in-time.ts";
import { gateRequest } from "../../http/web/gate.ts";
import { judgeResponse, judgeThrown, type WebExchange } from "../../http/web/judge.ts";
import type { Intermission } from "../../core/intermission.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** What is used of a context of Astro. */
interface Context {
  readonly request: Request;
  readonly isPrerendered: boolean;
  readonly clientAddress: string;
  /** Of Astro 6 and later, on a route; enabled where a provider is configured. */
  readonly cache?: { readonly enabled: boolean; set(input: false): void };
}

/**
 * Middleware for Astro 5 to 7 and pages that are rendered on demand. In `sequence`, put it first: it sees every answer of
 * what comes after it, those of endpoints, actions and `500.astro` included. While the site is closed, `next` is not
 * called. A page that is prerendered passes by, and no store is opened for it.
 *
 * @throws IntermissionError when an option can't be used, and with the first request when an environment variable can't.
 * @example
 * ```ts
 * export const onRequest = maintenancePage();
 * ```
 */
export function maintenancePage(
  options: AdapterOptions = {},
): (context: Context, next: () => Promise<Response>) => Promise<Response> {
  if (!isShared(options)) resolveSettings(options, {});
  // Not before there is a visitor: a build runs this too, for pages that are prerendered.
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

/** Astro keeps an answer as long as the route or a rule says, whatever its status and `Cache-Control`. */
function uncached(answer: Response, { cache }: Context): Response {
  if (cache?.enabled === true) cache.set(false);
  return answer;
}

/** Astro loads its middleware with the first request, which waits until it is known whether the site is closed. */
async function open(options: AdapterOptions): Promise<Intermission> {
  const intermission = intermissionFrom(options);
  await readyInTime(intermission);
  return intermission;
}

/** By request, of those that were regular: Astro then asks the middleware again, for `500.astro`. */
const errors = new WeakMap<object, unknown>();

/**
 * Astro believes the first address of `X-Forwarded-For`, whoever sent it (later than Astro 5, on the hosts that it is
 * told to allow): where there is one, nobody can tell whose it is, and it opens no closed site.
 */
function addressOf(context: Context): string | undefined {
  if (context.request.headers.has("x-forwarded-for")) return undefined;
  try {
    return context.clientAddress;
  } catch {
    return undefined;
  }
}
