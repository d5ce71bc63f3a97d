/**
 * The policy of a page from a custom template. The hashes of its inline style and script are unknown here,
 * and the operator wrote them, so they are allowed; so are pictures, styles and fonts from a CDN. Scripts
 * from elsewhere are not: the page appears while things are broken, and must not depend on others.
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
