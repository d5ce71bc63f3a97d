import { gateRequest } from "../../http/web/gate.ts";
import { judgeResponse, judgeThrown, type WebExchange } from "../../http/web/judge.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";
import { clientCall, type ClientEvent } from "./client-call.ts";
import { rememberedError } from "./remember-errors.ts";

export { rememberErrors } from "./remember-errors.ts";

/** The parts of a SvelteKit event used here. */
interface RequestEvent extends ClientEvent {
  readonly isSubRequest: boolean;
  getClientAddress(): string;
}

/**
 * The hook `handle` of SvelteKit 2 and 3. Put it first in `sequence`, so that it sees every answer after it,
 * including the pages of `+error.svelte`. While the site is closed, `resolve` is not called. Leaves the app's
 * requests to itself alone, and does nothing in a build.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * export const handle = maintenancePage();
 * ```
 */
export function maintenancePage(
  options?: AdapterOptions,
): <Event extends RequestEvent>(input: {
  event: Event;
  resolve: (event: Event) => Response | Promise<Response>;
}) => Promise<Response> {
  if (isBuild()) return async ({ event, resolve }) => resolve(event);
  const intermission = intermissionFrom(options);

  return async function maintenancePage({ event, resolve }) {
    // From the app's own `fetch`: the visitor gets the outer request's answer.
    if (event.isSubRequest) return resolve(event);
    const call = clientCall(event);
    const exchange: WebExchange = {
      request: call?.request ?? event.request,
      frameworkRequest: event,
      addressOf: () => addressOf(event),
    };
    const show = (page: Response): Response | Promise<Response> => call?.show(page) ?? page;

    const answer = intermission.gated ? await gateRequest(exchange, intermission) : undefined;
    if (answer !== undefined) return show(answer);
    let response: Response;
    try {
      response = await resolve(event);
    } catch (thrown) {
      // Thrown by another hook: SvelteKit itself answers what the routes throw.
      const page = isRefusal(thrown) ? undefined : await judgeThrown(exchange, thrown, intermission);
      if (page === undefined) throw thrown;
      intermission.settings.logger.error(
        "[intermission] A hook threw; the visitor got the maintenance page:",
        thrown,
      );
      return show(page);
    }
    const error = rememberedError(event.request);
    const failed = error === undefined ? response : (call?.failed(response) ?? response);
    const judged = await judgeResponse(exchange, failed, intermission, error);
    return judged === failed ? response : show(judged);
  };
}

/** The server's code is loaded only for analysis and prerendering, so there are no visitors. */
function isBuild(): boolean {
  const { process } = globalThis as {
    readonly process?: { readonly env: Readonly<Record<string, string | undefined>> };
  };
  return process?.env["SVELTEKIT_FORK"] !== undefined;
}

/**
 * `redirect()`, `error()`, and SvelteKit's own 404 and the like. Recognized by shape, because their classes
 * are internal.
 */
function isRefusal(thrown: unknown): boolean {
  const { status, text } = Object(thrown) as { readonly status?: unknown; readonly text?: unknown };
  return (
    typeof status === "number" && status < 500 && (!(thrown instanceof Error) || typeof text === "string")
  );
}

/** Undefined: the platform does not know it. */
function addressOf(event: RequestEvent): string | undefined {
  try {
    return event.getClientAddress();
  } catch {
    return undefined;
  }
}
