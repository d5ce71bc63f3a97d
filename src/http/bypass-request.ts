import { bypassName as name, cookieName, hostCookieName } from "../core/bypass-cookie.ts";
import { pathOf } from "./headers.ts";
import { isLoopbackHost } from "./loopback-host.ts";

const lifetimeSeconds = 43_200;
const longestTarget = 8192;

/** A request by somebody who follows a bypass link. */
export interface BypassLink {
  /** It is yet to be verified. */
  readonly token: string;
  /** The same address without it, on the same host. */
  readonly location: string;
}

/** The token in a request target, of a GET alone: what was sent is not sent again by a redirect. */
export function bypassLink(method: string | undefined, target: string | undefined): BypassLink | undefined {
  if (method !== "GET" || target?.includes(`${name}=`) !== true || target.length > longestTarget)
    return undefined;
  const [address = ""] = target.split("#", 1);
  const query = address.indexOf("?");
  const parameters = query === -1 ? [] : address.slice(query + 1).split("&");
  const token = parameters.find(isToken)?.slice(name.length + 1);
  if (token === undefined) return undefined;
  const rest = parameters.filter((parameter) => !isToken(parameter)).join("&");
  // With two slashes, or what browsers take for one, it would lead to another host.
  const path = `/${pathOf(address).replace(/^[/\\]+/, "")}`;
  return { token, location: toAscii(rest === "" ? path : `${path}?${rest}`) };
}

/**
 * What sends the holder of a valid link on, with a cookie in place of the token.
 *
 * @param host The `Host` of the request. Browsers let this machine set a `Secure` cookie without HTTPS, but none with the
 * prefix.
 */
export function admissionHeaders(
  { token, location }: BypassLink,
  app: string,
  host: string | undefined,
): Readonly<Record<string, string>> {
  const cookie = isLoopbackHost(host) ? cookieName(app) : hostCookieName(app);
  return {
    location,
    "set-cookie": `${cookie}=${token}; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=${String(lifetimeSeconds)}`,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-length": "0",
  };
}

function isToken(parameter: string): boolean {
  return parameter.startsWith(`${name}=`);
}

/** Node hands over targets as bytes, one a character, and takes no others in a header. */
function toAscii(text: string): string {
  return text.replace(/[^!-~]/g, (character) => {
    const code = Math.min(character.charCodeAt(0), 0xff);
    return `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
  });
}
