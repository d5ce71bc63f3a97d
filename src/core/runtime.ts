/**
 * Whether a runtime lets nothing go on between two requests, nor before the first one: timers and reads that a request
 * has begun end with it, and a timer at the top of a module throws.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
 */
export function isRequestBound(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers";
}
