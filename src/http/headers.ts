/**
 * Headers of a failed response that speak of its body, or of how long to keep it, in lower case. All others are kept: CORS headers (without them a
 * script sees a network error in place of the page), HSTS, request ids, cookies.
 */
export const bodyHeaders: ReadonlySet<string> = new Set([
  "accept-ranges",
  // What caches of a CDN obey in place of `Cache-Control`: RFC 9213, and those before it.
  "cdn-cache-control",
  "cloudflare-cdn-cache-control",
  "netlify-cdn-cache-control",
  "surrogate-control",
  "vercel-cdn-cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-security-policy",
  "content-security-policy-report-only",
  "content-type",
  "digest",
  "etag",
  "expires",
  "last-modified",
  "trailer",
  "transfer-encoding",
  // React Router: that it is a stream of its own making.
  "x-remix-response",
]);

/** Field names added to a `Vary` header, each once. */
export function addVary(existing: string | undefined, added: string): string {
  if (existing === undefined || existing.trim() === "") return added;
  const names = existing.split(",").map((name) => name.trim().toLowerCase());
  if (names.includes("*")) return existing;
  const missing = added.split(", ").filter((name) => !names.includes(name.toLowerCase()));
  return [existing, ...missing].join(", ");
}

/** The path of a request target, without its query: RFC 9112 section 3.2, origin-form or absolute-form. */
export function pathOf(target: string | undefined): string {
  if (target === undefined || target === "") return "/";
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  if (path.startsWith("/")) return path;
  return /^[a-z][a-z0-9+.-]*:\/\/[^/]*(\/.*)?$/i.exec(path)?.[1] ?? "/";
}
