import type { IncomingMessage, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "../node/gate.ts";
import { intercept, rememberError } from "../node/intercept.ts";

/** What is used of an event of h3 1. */
export interface NodeEvent {
  readonly node: { readonly req: IncomingMessage; readonly res: ServerResponse };
}

/** What is used of an app of h3 1. */
export interface EventApp {
  handler: (event: never) => unknown;
}

/**
 * Has every answer of an app of h3 1 judged, its own for what is thrown included. While the site is closed, the app is
 * not asked.
 *
 * @param isOurs Which events are a visitor's. Left out: all are.
 */
export function watchEvents(
  app: EventApp,
  intermission: Intermission,
  isOurs: (event: NodeEvent) => boolean = () => true,
): void {
  const handler = app.handler as (event: NodeEvent) => unknown;

  async function handle(event: NodeEvent): Promise<unknown> {
    if (!isOurs(event)) return handler(event);
    const { req, res } = event.node;
    if (intermission.gated && !(await isAdmitted(event, intermission))) return undefined;
    intercept(req, res, intermission, event);
    try {
      return await handler(event);
    } catch (error) {
      // Whoever called answers it.
      rememberError(res, error);
      throw error;
    }
  }

  // Not `app.use`: what is used hears neither of errors nor of what `onRequest` answers. h3 keeps its own marks on it.
  app.handler = Object.assign(handle, handler);
}

/** Whether the app is to answer. Where it is not, the answer is sent, or the visitor has gone. */
function isAdmitted(event: NodeEvent, intermission: Intermission): Promise<boolean> {
  const { req, res } = event.node;
  return new Promise((resolve) => {
    const proceed = (): void => {
      resolve(true);
    };
    const instead = (): void => {
      resolve(false);
    };
    gate(req, res, intermission, proceed, { frameworkRequest: event, instead });
  });
}
