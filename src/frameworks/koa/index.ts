import type { IncomingMessage, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "../../http/node/gate.ts";
import { intercept, rememberError } from "../../http/node/intercept.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** The parts of a Koa context used here. */
interface Context {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  respond?: boolean | undefined;
}

/**
 * Middleware for Koa 2 and 3. Use it first, so that it sees every answer after it, and Koa's own answer to a
 * thrown error. `app.on("error")` still hears of each error. While the site is closed, `next` is not called.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * const app = new Koa();
 * app.use(maintenancePage());
 * ```
 */
export function maintenancePage(
  options?: AdapterOptions,
): (context: Context, next: () => Promise<unknown>) => Promise<void> {
  const intermission = intermissionFrom(options);
  return async function maintenancePage(context, next) {
    if (intermission.gated && !(await isAdmitted(context, intermission))) return;
    const { req, res } = context;
    intercept(req, res, intermission, context);
    try {
      await next();
    } catch (error) {
      rememberError(res, error);
      throw error;
    }
  };
}

/** Whether the app should answer. If not, the answer is sent, or the visitor has left. */
function isAdmitted(context: Context, intermission: Intermission): Promise<boolean> {
  return new Promise((resolve) => {
    const proceed = (): void => {
      resolve(true);
    };
    gate(context.req, context.res, intermission, proceed, {
      frameworkRequest: context,
      instead() {
        context.respond = false;
        resolve(false);
      },
    });
  });
}
