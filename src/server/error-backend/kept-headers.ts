import { addVary, isKept, withFrameAncestors } from "../../http/headers.ts";
import type { Answer } from "./generic-error.ts";

/** A proxy sends a header of the failed answer under its name with this in front. */
const prefix = "x-original-";

/** They belong to the proxy's own connections. */
const ofConnection: ReadonlySet<string> = new Set([
  "alt-svc",
  "connection",
  "date",
  "keep-alive",
  "server",
  "via",
]);

/** More than any app sends. */
const most = 100;

/** Valid in a header: RFC 9110 section 5.5. */
const valid = /^[\t\x20-\x7e\x80-\xff]+$/;

/**
 * The page with the headers of the failed answer that it keeps, as far as the proxy sends them.
 *
 * @param raw Of the proxy's request, names and values in turn.
 * @param others Added by the option `keepHeaders`.
 */
export function withKeptHeaders(page: Answer, raw: readonly string[], others: ReadonlySet<string>): Answer {
  const kept = readKept(raw, others);
  if (kept.size === 0) return page;
  const headers = { ...page.headers };
  for (const [name, values] of kept) {
    const own = headers[name];
    if (name === "content-security-policy") {
      if (typeof own === "string") headers[name] = withFrameAncestors(own, values.join(", "));
    } else if (name === "vary") {
      headers[name] = addVary(values.join(", "), typeof own === "string" ? own : "");
    } else if (name === "set-cookie") {
      headers[name] = values.length === 1 ? splitCookies(values[0] ?? "") : values;
    } else if (own === undefined) {
      headers[name] = values;
    }
  }
  return { ...page, headers };
}

function readKept(raw: readonly string[], others: ReadonlySet<string>): Map<string, string[]> {
  const kept = new Map<string, string[]>();
  let count = 0;
  for (let index = 0; index + 1 < raw.length && count < most; index += 2) {
    const name = raw[index]?.toLowerCase() ?? "";
    if (!name.startsWith(prefix)) continue;
    const original = name.slice(prefix.length);
    const value = raw[index + 1]?.trim() ?? "";
    const stays = original === "content-security-policy" || isKept(original, others);
    // Proxies send an empty header for an unset variable.
    if (!stays || ofConnection.has(original) || !valid.test(value)) continue;
    kept.set(original, [...(kept.get(original) ?? []), value]);
    count += 1;
  }
  return kept;
}

/**
 * Caddy and nginx join several with commas. A comma ends a cookie only before the next one's name: the one in
 * `Expires` does not, and a value has none (RFC 6265 section 4.1.1).
 */
function splitCookies(text: string): string[] {
  return text.split(/,\s*(?=[\w!#$%&'*+.^`|~-]+=)/);
}
