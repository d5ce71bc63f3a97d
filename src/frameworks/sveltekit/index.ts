import { gateRequest } from "../../http/web-gate.ts";
import { judgeResponse, judgeThrown, type WebVisit } from "../../http/web.ts";
import { intermissionFrom, type AdapterOptions } from "../../intermission.ts";
import { clientCall, type ClientEvent } from "./client-call.ts";

/** What is used of an event of SvelteKit. */
interface RequestEvent extends ClientEvent {
  readonly isSubRequest: boolean;
  getClientAddress(): string;
}

/** What is used of what `handleError` is given. */
interface UnexpectedError {
  readonly error: unknown;
  readonly event: Pick<ClientEvent, "request" | "url">;
  readonly status: number;
}

/** By request: SvelteKit hands each of its hooks an event of its own. */
const unexpected = new WeakMap<object, unknown>();

/**
 * The hook `handle` of SvelteKit 2. In `sequence`, put it first: it sees every answer of what comes after it, the pages
 * of `+error.svelte` included. While the site is closed, `resolve` is not called. Requests that the app sends to itself
 * are left alone, and in a build it does nothing.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
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
    // Of the app's own `fetch`: what the visitor gets is the outer request's.
    if (event.isSubRequest) return resolve(event);
    const call = clientCall(event);
    const visit: WebVisit = {
      request: call?.request ?? event.request,
      own: event,
      addressOf: () => addressOf(event),
    };
    const show = (page: Response): Response | Promise<Response> => call?.show(page) ?? page;

    const answer = intermission.gated ? await gateRequest(visit, intermission) : undefined;
    if (answer !== undefined) return show(answer);
    let response: Response;
    try {
      response = await resolve(event);
    } catch (thrown) {
      // By another hook: what the routes throw, SvelteKit answers.
      const page = isRefusal(thrown) ? undefined : await judgeThrown(visit, thrown, intermission);
      if (page === undefined) throw thrown;
      intermission.settings.logger.error(
        "[intermission] A hook threw; the visitor got the maintenance page:",
        thrown,
      );
      return show(page);
    }
    const error = unexpected.get(event.request);
    const failed = error === undefined ? response : (call?.failed(response) ?? response);
    const judged = await judgeResponse(visit, failed, intermission, error);
    return judged === failed ? response : show(judged);
  };
}

/**
 * The hook `handleError`, which lets it be known what was thrown, to `onMasked` and to {@link maintenancePage}: to
 * navigation in the browser, SvelteKit answers errors with status 200.
 *
 * @param handleError The app's own, called as ever. Left out: errors are logged as SvelteKit logs them.
 */
export function rememberErrors<Input extends UnexpectedError, Shown>(
  handleError: (input: Input) => Shown,
): (input: Input) => Shown;
export function rememberErrors(): (input: UnexpectedError) => void;
export function rememberErrors<Input extends UnexpectedError>(
  handleError: (input: Input) => unknown = logError,
): (input: Input) => unknown {
  return function rememberErrors(input) {
    const { error, event, status } = input;
    if (status >= 500) unexpected.set(event.request, error);
    return handleError(input);
  };
}

/** As SvelteKit does where an app has no hook for errors. */
function logError({ error, event, status }: UnexpectedError): void {
  const line = `\n[${String(status)}] ${event.request.method} ${event.url.pathname}`;
  const { stack = String(error) } = Object(error) as { readonly stack?: string };
  // eslint-disable-next-line no-console
  console.error(status === 404 ? line : `${line}\n${stack}`);
}

/** Whether the server's code is loaded to be analysed and prerendered: there is nobody to be shown a page. */
function isBuild(): boolean {
  const { process } = globalThis as {
    readonly process?: { readonly env: Readonly<Record<string, string | undefined>> };
  };
  return process?.env["SVELTEKIT_FORK"] !== undefined;
}

/** `redirect()` and `error()`, and SvelteKit's own 404 and the like: told by their shape, their classes being within. */
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
