import { pathOf } from "./headers.ts";

const name = "intermission-bypass";
const lifetimeSeconds = 43_200;

/** What is longer is not looked at: servers refuse headers of 16 KiB anyway. */
const maximumLength = 8192;
const cookiePattern = new RegExp(`(?:^|;) ?${name}=([\\w.-]{1,96})(?:;|$)`);

/** The token in a `Cookie` header (RFC 6265 section 5.4). It is yet to be verified. */
export function bypassCookie(header: string | undefined): string | undefined {
  if (header === undefined || header.length > maximumLength) return undefined;
  return cookiePattern.exec(header)?.[1];
}

/** A request by somebody who follows a bypass link. */
export interface BypassLink {
  /** It is yet to be verified. */
  readonly token: string;
  /** The same address without it, on the same host. */
  readonly location: string;
}

/** The token in a request target, of a GET alone: what was sent is not sent again by a redirect. */
export function bypassLink(method: string | undefined, target: string | undefined): BypassLink | undefined {
  if (method !== "GET" || target?.includes(`${name}=`) !== true || target.length > maximumLength)
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

/** What sends the holder of a valid link on, with a cookie in place of the token. */
export function admissionHeaders({ token, location }: BypassLink): Readonly<Record<string, string>> {
  return {
    location,
    "set-cookie": `${name}=${token}; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=${String(lifetimeSeconds)}`,
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
