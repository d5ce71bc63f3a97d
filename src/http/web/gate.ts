import type { Intermission } from "../../core/intermission.ts";
import { admissionHeaders, bypassLink, pathOf, rehearsalHeader } from "../headers.ts";
import { toResponse, pageRequestOf, type WebExchange } from "./judge.ts";

/**
 * The answer to a request that must not reach the app. undefined: the app answers. Call it while {@link
 * Intermission.gated} is true. Never rejects.
 *
 * @param before Headers already set for the answer. Read only for a page.
 */
export async function gateRequest(
  exchange: WebExchange,
  intermission: Intermission,
  before: () => Headers = () => new Headers(),
): Promise<Response | undefined> {
  const { request, frameworkRequest } = exchange;
  const link = bypassLink(request.method, request.url);
  const token = request.headers.get(rehearsalHeader);
  const outcome = await intermission.gate({
    path: pathOf(request.url),
    address: exchange.addressOf?.(),
    cookie: request.headers.get("cookie") ?? undefined,
    link: link?.token,
    request: frameworkRequest,
    rehearsal: token === null ? undefined : { token, pageRequest: pageRequestOf(request, new Headers()) },
  });
  if (outcome === undefined) return undefined;
  if (outcome === "admitted" && link !== undefined)
    return new Response(null, {
      status: 302,
      headers: admissionHeaders(link, intermission.settings.app, hostOf(request.url)),
    });
  const page =
    typeof outcome === "object"
      ? outcome
      : intermission.page(pageRequestOf(request, new Headers()), "closed");
  return toResponse(request, page, before(), intermission);
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
