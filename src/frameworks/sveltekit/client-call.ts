import type { WebRequest } from "../../http/web/judge.ts";

/** The parts of a SvelteKit event used here. */
export interface ClientEvent {
  readonly request: WebRequest;
  readonly url: URL;
  readonly isDataRequest: boolean;
}

/**
 * A request of SvelteKit's browser client, which understands SvelteKit's own answers but not problem details:
 * data for a navigation (`__data.json`), or a form with `use:enhance`.
 */
export interface ClientCall {
  /** For the page the visitor will see, with the visible address. Accepts JSON. */
  readonly request: WebRequest;
  /** The answer with its true status: SvelteKit sends 200 for data that failed to load. */
  failed(response: Response): Response;
  /** The page as an error that `+error.svelte` shows as `page.error.message`. */
  show(page: Response): Response | Promise<Response>;
}

/** Undefined: not such a request. */
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
      // SvelteKit 3 expects the status inside the error.
      const error = { status: page.status, message: messageOf(await page.text()) };
      const body = new TextEncoder().encode(JSON.stringify(isAction ? { type: "error", error } : error));
      const shown = new Response(body, page);
      shown.headers.set("content-type", "application/json");
      shown.headers.set("content-length", String(body.byteLength));
      return shown;
    },
  };
}

/** From problem details; from an app's own format, everything. */
function messageOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown };
    return typeof detail === "string" ? detail : text;
  } catch {
    return text;
  }
}
