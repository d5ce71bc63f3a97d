/**
 * The policy of a page from a custom template. Its inline style and script have no hash that could be known here, and
 * its author is the operator, so they are allowed, and pictures, styles and fonts from a CDN as well. Code from
 * elsewhere is not: the page appears while things are broken, and must not depend on a stranger.
 */
export const customPolicy = [
  "default-src 'self' 'unsafe-inline'",
  "img-src 'self' https: data:",
  "style-src 'self' 'unsafe-inline' https:",
  "font-src 'self' https: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join("; ");
