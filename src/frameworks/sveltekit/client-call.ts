import type { WebRequest } from "../../http/web/judge.ts";

/** What is used of an event of SvelteKit. */
export interface ClientEvent {
  readonly request: WebRequest;
  readonly url: URL;
  readonly isDataRequest: boolean;
}

/**
 * A request of SvelteKit's own client in the browser, which understands what SvelteKit answers, and would make nothing
 * of problem details: data for a navigation (`__data.json`), or a form with `use:enhance`.
 */
export interface ClientCall {
  /** Of the page that the visitor is to see, with its address as it is shown. Asks for JSON. */
  readonly request: WebRequest;
  /** The answer as its status ought to say it: data that could not be loaded has status 200. */
  failed(response: Response): Response;
  /** The page in the form of an error that `+error.svelte` shows, as `page.error.message`. */
  show(page: Response): Response | Promise<Response>;
}

/** Undefined: the request is no such. */
export function clientCall({ request, url, isDataRequest }: ClientEvent): ClientCall | undefined {
  const isAction = request.method === "POST" && request.headers.get("x-sveltekit-action") === "true";
  if (!isDataRequest && !isAction) return undefined;
  const headers = new Headers(request.headers);
  headers.set("accept", "application/json");
  return {
    request: { method: request.method, url: url.href, headers },

    failed: (response) =>
      isDataRequest && response.status < 300
        ? new Response(null, { status: 500, headers: response.headers })
        : response,

    async show(page) {
      if (page.status < 400) return page;
      // SvelteKit 3 shows an error with the status in it.
      const error = { status: page.status, message: messageOf(await page.text()) };
      const body = new TextEncoder().encode(JSON.stringify(isAction ? { type: "error", error } : error));
      const shown = new Response(body, page);
      shown.headers.set("content-type", "application/json");
      shown.headers.set("content-length", String(body.byteLength));
      return shown;
    },
  };
}

/** Of problem details; of what a format of the app's own says, all. */
function messageOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown };
    return typeof detail === "string" ? detail : text;
  } catch {
    return text;
  }
}
