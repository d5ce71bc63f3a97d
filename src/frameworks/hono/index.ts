import type { IncomingMessage } from "node:http";
import { isServerError } from "../../core/decide.ts";
import { addressOf } from "../../http/node/header.ts";
import { gateRequest } from "../../http/web/gate.ts";
import { NodeRequest } from "../../http/web/node-request.ts";
import { judgeResponse, judgeThrown, type WebRequest, type WebExchange } from "../../http/web/judge.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** The parts of a Hono context used here. */
interface Context {
  readonly req: { readonly raw: WebRequest };
  readonly env: unknown;
  readonly error: Error | undefined;
  get res(): Response;
  set res(response: Response | undefined);
}

/**
 * Middleware for Hono 4. Use it first, so that it sees every answer after it, including `onError` and mounted
 * apps. While the site is closed, `next` is not called. The client's address is known only on Node, and is
 * the connection's.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
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
    // Later handlers may replace it.
    const { raw } = context.req;
    if (intermission.gated) {
      const answer = await gateRequest(pageRequestOf(context, raw), intermission, () => context.res.headers);
      if (answer !== undefined) {
        replace(context, answer);
        return;
      }
    }
    try {
      await next();
    } catch (error) {
      // Hono handles errors and rethrows anything else.
      const page = await judgeThrown(pageRequestOf(context, raw), error, intermission);
      if (page === undefined) throw error;
      intermission.settings.logger.error(
        "[intermission] The app threw no Error; the visitor got the maintenance page:",
        error,
      );
      replace(context, page);
      return;
    }
    const { res, error } = context;
    if (!isServerError(res.status)) return;
    const judged = judgeResponse(pageRequestOf(context, raw), res, intermission, error);
    const response = judged instanceof Promise ? await judged : judged;
    if (response !== res) replace(context, response);
  };
}

/** Hono would copy the old response's headers onto its replacement. */
function replace(context: Context, response: Response): void {
  context.res = undefined;
  context.res = response;
}

function pageRequestOf(context: Context, request: WebRequest): WebExchange {
  const { incoming } = (context.env ?? {}) as { readonly incoming?: IncomingMessage };
  if (incoming === undefined) return { request, frameworkRequest: context };
  return {
    request: new NodeRequest(request, incoming),
    frameworkRequest: context,
    addressOf: () => addressOf(incoming, {}),
  };
}
