import type { Intermission } from "../../core/intermission.ts";
import { serveRequest } from "../../http/web/serve.ts";

/** What is used of an app of Nitro 3, which is served by its `fetch`. */
export interface Nitro3App {
  fetch: (request: Request, ...rest: never[]) => Response | Promise<Response>;
}

/** A request as srvx has it, which serves Nitro, and what Nitro keeps on it. */
interface NitroRequest extends Request {
  readonly ip?: string | undefined;
  readonly runtime?: object | undefined;
  readonly context?: { readonly nitro?: { readonly errors?: readonly { readonly error: CapturedError }[] } };
}

interface CapturedError extends Error {
  /** True: h3 made it of what was thrown, which is its cause. */
  readonly unhandled?: boolean | undefined;
}

/** Has every answer to a visitor judged. */
export function watchNitro3(app: Nitro3App, intermission: Intermission): void {
  const { fetch } = app;
  // Not h3's `onError` or middleware, which Nitro has fixed by now. Nobody is given `fetch` before the plugins are called.
  app.fetch = (request: NitroRequest, ...rest) => {
    if (!isOfVisitor(request)) return fetch(request, ...rest);
    return serveRequest(
      { request, frameworkRequest: request, addressOf: () => request.ip },
      intermission,
      () => fetch(request, ...rest),
      () => thrownFor(request),
    );
  };
}

/**
 * Whether a request came to Node's server, which srvx says on it. What the app asks itself while it answers fails as
 * ever, and the visitor's answer with it: that one is judged, once.
 */
function isOfVisitor({ runtime }: NitroRequest): boolean {
  return runtime !== undefined && "node" in runtime;
}

function thrownFor({ context }: NitroRequest): unknown {
  const error = context?.nitro?.errors?.at(-1)?.error;
  return error?.unhandled === true ? error.cause : error;
}
