import type { IncomingMessage, ServerResponse } from "node:http";
import type { Intermission } from "../../core/intermission.ts";
import { gate } from "./gate.ts";
import { intercept } from "./intercept.ts";

/** Middleware as Express has it. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Watches every answer of what comes after it; while the site is closed, `next` is not called. */
export function createMiddleware(intermission: Intermission): Middleware {
  return function maintenancePage(request, response, next) {
    if (intermission.gated) {
      gate(request, response, intermission, () => {
        intercept(request, response, intermission);
        next();
      });
      return;
    }
    intercept(request, response, intermission);
    next();
  };
}
