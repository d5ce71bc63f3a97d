import type { Intermission } from "../../core/intermission.ts";
import { serveRequest } from "../../http/web/serve.ts";

/** The parts of a Nitro 3 app used here. Servers call its `fetch`. */
export interface Nitro3App {
  fetch: (request: Request, ...rest: never[]) => Response | Promise<Response>;
}

/** A request from srvx, which serves Nitro, with what Nitro keeps on it. */
interface NitroRequest extends Request {
  readonly ip?: string | undefined;
  readonly runtime?: object | undefined;
  readonly context?: { readonly nitro?: { readonly errors?: readonly { readonly error: CapturedError }[] } };
}

interface CapturedError extends Error {
  /** True: h3 made it from what was thrown, which is its cause. */
  readonly unhandled?: boolean | undefined;
}

/** Judges every answer to a visitor. */
export function watchNitro3(app: Nitro3App, intermission: Intermission): void {
  const { fetch } = app;
  // Not h3's `onError` or middleware, which Nitro has fixed by now. Nobody gets `fetch` before the plugins
  // run.
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
 * Whether a request came to Node's server, which srvx marks on it. If the app's request to itself fails, so
 * does the visitor's answer, and that one is judged, once.
 */
function isOfVisitor({ runtime }: NitroRequest): boolean {
  return runtime !== undefined && "node" in runtime;
}

function thrownFor({ context }: NitroRequest): unknown {
  const error = context?.nitro?.errors?.at(-1)?.error;
  return error?.unhandled === true ? error.cause : error;
}
