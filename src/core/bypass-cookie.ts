/** Of the parameter in a link past the page, and how the names of its cookies begin. */
export const bypassName = "intermission-bypass";

/** What is longer is not looked at: servers refuse headers of 16 KiB. */
const longestHeader = 16_384;

/** Each is verified, at the cost of a hash. */
const maximumTokens = 32;
const tokenPattern = /^[\w.-]{1,96}$/;

/** Whether a `Cookie` header may have a bypass in it. Nearly none has. */
export function hasBypass(header: string | undefined): header is string {
  return header !== undefined && header.length <= longestHeader && header.includes(bypassName);
}

/**
 * The tokens for an app in a `Cookie` header (RFC 6265 section 5.4), yet to be verified. Cookies of one name may come from
 * other paths and from sibling domains, so there can be several. Those that only this host can have set go first.
 */
export function bypassTokens(header: string, app: string): readonly string[] {
  const cookies = header.split(";").map((cookie) => cookie.trim());
  // The last is version 0.1's.
  const tokens = [hostCookieName(app), cookieName(app), bypassName].flatMap((name) =>
    cookies.flatMap((cookie) => (cookie.startsWith(`${name}=`) ? [cookie.slice(name.length + 1)] : [])),
  );
  return [...new Set(tokens)].filter((token) => tokenPattern.test(token)).slice(0, maximumTokens);
}

/** Of each app its own, since apps may share a host. A token: RFC 9110 section 5.6.2. */
export function cookieName(app: string): string {
  return `${bypassName}-${encodeURIComponent(app).replaceAll("(", "%28").replaceAll(")", "%29")}`;
}

/** Browsers take a cookie of this name from no sibling domain: RFC 6265bis section 4.1.3.2. */
export function hostCookieName(app: string): string {
  return `__Host-${cookieName(app)}`;
}
