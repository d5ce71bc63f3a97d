import { isStoreModule } from "../module.ts";

/** A store URL as it may stand in a message: without user, password and parameters. */
export function redactUrl(url: string): string {
  const text = url.trim();
  // A path; but parameters and a user may have been put there by who took it for a server.
  if (/^(?:memory|sqlite):/i.test(text)) return text.replace(/\?.*$/s, "?…").replace(/\/\/[^/]*@/, "//…@");
  if (isStoreModule(text)) return text;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? "";
  // What has no // after it may be no scheme, but the beginning of a password.
  if (!text.startsWith("//", scheme.length)) return isNamed(scheme) ? `${scheme}…` : "…";
  const rest = text.slice(scheme.length + 2);
  // Passwords are pasted in without percent-encoding: only the last @ surely ends one, and a ? or # may be in it.
  const end = rest.lastIndexOf("@");
  // Or that @ is itself in a password, which is a parameter.
  if (/[?#]/.test(rest.slice(0, Math.max(end, 0)))) return `${scheme}//…`;
  const address = rest.slice(end + 1).replace(/[?#].*$/s, "");
  // Without an @, what looks like a host and a port may be a user and a password whose @ is missing.
  const plain = end >= 0 || /^[^:/]*(?::\d{1,5})?(?:\/[^:]*)?$/.test(address) ? address : "…";
  return `${scheme}//${end >= 0 ? "…@" : ""}${plain}`;
}

function isNamed(scheme: string): boolean {
  return /^(?:postgres(?:ql)?|mysql|mariadb|rediss?|nats|etcds?):$/i.test(scheme);
}
