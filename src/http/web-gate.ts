import type { Intermission } from "../core/intermission.ts";
import { admissionHeaders, bypassCookie, bypassLink } from "./bypass-request.ts";
import { pathOf } from "./headers.ts";
import { toResponse, visitOf, type WebRequest } from "./web.ts";

/**
 * The answer to a request for which the app is not to be asked; undefined: the app answers. To be called while
 * {@link Intermission.gated} is true. The client's address is not known: the Fetch standard has none. Never rejects.
 */
export async function gateRequest(
  request: WebRequest,
  intermission: Intermission,
): Promise<Response | undefined> {
  const link = bypassLink(request.method, request.url);
  const outcome = await intermission.gate({
    path: pathOf(request.url),
    bypass: bypassCookie(request.headers.get("cookie") ?? undefined),
    link: link?.token,
    request,
  });
  if (outcome === undefined) return undefined;
  if (outcome === "admitted" && link !== undefined)
    return new Response(null, { status: 302, headers: admissionHeaders(link) });
  const page = intermission.page(visitOf(request, new Headers()), "closed");
  return toResponse(request, page, new Headers());
}
