/**
 * Whether a request names this machine as its host. A page on the web can make its own name lead here (DNS rebinding),
 * but the browser then sends that name.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host);
}
