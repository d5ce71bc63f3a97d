import type { IncomingMessage, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "../node/gate.ts";
import { intercept, rememberError } from "../node/intercept.ts";

/** The parts of an h3 1 event used here. */
export interface NodeEvent {
  readonly node: { readonly req: IncomingMessage; readonly res: ServerResponse };
}

/** The parts of an h3 1 app used here. */
export interface EventApp {
  handler: (event: never) => unknown;
}

/**
 * Judges every answer of an h3 1 app, including h3's own for thrown errors. While the site is closed, the app
 * is not asked.
 *
 * @param isOurs Whether an event is a visitor's. Left out: all are.
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
      // The caller answers it.
      rememberError(res, error);
      throw error;
    }
  }

  // Not `app.use`, which sees neither errors nor the answers of `onRequest`. h3 keeps its own properties on
  // the handler.
  app.handler = Object.assign(handle, handler);
}

/** Whether the app should answer. If not, the answer is sent, or the visitor has left. */
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
