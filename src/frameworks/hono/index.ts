import type { IncomingMessage } from "node:http";
import { addressOf } from "../../http/node-header.ts";
import { gateRequest } from "../../http/web-gate.ts";
import { judgeResponse, judgeThrown, type WebRequest } from "../../http/web.ts";
import { intermissionFrom, type AdapterOptions } from "../../intermission.ts";

/** What is used of a context of Hono. */
interface Context {
  readonly req: { readonly raw: WebRequest };
  readonly env: unknown;
  readonly error: Error | undefined;
  get res(): Response;
  set res(response: Response | undefined);
}

/**
 * Middleware for Hono 4. Use it first: it sees every answer of what comes after it, `onError` and mounted apps included.
 * While the site is closed, `next` is not called. The client's address is known on Node alone, and is that of the
 * connection.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
 * @example
 * ```ts
 * const app = new Hono();
 * app.use(maintenancePage());
 * ```
 */
export function maintenancePage(
  options?: AdapterOptions,
): (context: Context, next: () => Promise<void>) => Promise<void> {
  const intermission = intermissionFrom(options);
  return async function maintenancePage(context, next) {
    const visit = {
      request: context.req.raw,
      own: context,
      addressOf: () => connectionAddress(context),
    };
    if (intermission.gated) {
      const answer = await gateRequest(visit, intermission, () => context.res.headers);
      if (answer !== undefined) {
        replace(context, answer);
        return;
      }
    }
    try {
      await next();
    } catch (error) {
      // Hono handles errors, and hands on whatever else is thrown.
      const page = await judgeThrown(visit, error, intermission);
      if (page === undefined) throw error;
      intermission.settings.logger.error(
        "[intermission] The app threw no Error; the visitor got the maintenance page:",
        error,
      );
      replace(context, page);
      return;
    }
    const { res, error } = context;
    const judged = judgeResponse(visit, res, intermission, error);
    const response = judged instanceof Promise ? await judged : judged;
    if (response !== res) replace(context, response);
  };
}

/** A response in the place of another would be given the headers of that one. */
function replace(context: Context, response: Response): void {
  context.res = undefined;
  context.res = response;
}

/** Where Hono runs on `@hono/node-server`. */
function connectionAddress({ env }: Context): string | undefined {
  const incoming = (env as { readonly incoming?: IncomingMessage } | undefined)?.incoming;
  return incoming === undefined ? undefined : addressOf(incoming, {});
}
