import { requireModule } from "../../core/runtime.ts";

/** A server's URL in its parts. Unlike `URL` it takes several hosts, none at all, and a socket's path as host. */
export interface ServerUrl {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly hosts: readonly Host[];
  /** Without its first slash. */
  readonly path: string;
  readonly parameters: URLSearchParams;
}

export interface Host {
  /** A name, an address without brackets, or a path. Empty: the URL names none. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Undefined for what is no such URL, or has something in it that can't be decoded. */
export function parseServerUrl(url: string): ServerUrl | undefined {
  const parts = /^([a-z][a-z0-9+.-]*:)\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(url.trim());
  if (parts === null) return undefined;
  const [, scheme = "", authority = "", path = "", query = ""] = parts;
  const end = authority.lastIndexOf("@");
  const credentials = end === -1 ? undefined : authority.slice(0, end);
  const colon = credentials?.indexOf(":") ?? -1;
  try {
    const hosts = authority
      .slice(end + 1)
      .split(",")
      .map(toHost);
    return {
      scheme: scheme.toLowerCase(),
      user: decodeOptional(colon === -1 ? credentials : credentials?.slice(0, colon)),
      password: colon === -1 ? undefined : decodeOptional(credentials?.slice(colon + 1)),
      hosts,
      path: decodeURIComponent(path),
      parameters: new URLSearchParams(query),
    };
  } catch {
    return undefined;
  }
}

/** @throws Error when it is none. */
function toHost(text: string): Host {
  const [, bracketed, plain = "", port] =
    /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d{1,5})?)?$/.exec(text) ?? fail();
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65_535)) fail();
  return { host: bracketed ?? decodeURIComponent(plain), port: number };
}

function fail(): never {
  throw new Error("no host");
}

function decodeOptional(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : decodeURIComponent(text);
}

/** TLS as Node takes it, for a client of whatever kind. */
export interface TlsSettings {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Names are not compared: the certificate must be issued by the CA, for whichever host. */
  readonly checkServerIdentity?: () => undefined;
}

/** The text of a file that a parameter names. Throws what the system says. */
export function readPem(path: string): string {
  return requireModule("node:fs").readFileSync(toLocalPath(path), "utf8");
}

/** `~/` is the user's home, as in a shell, which leaves it alone in the middle of a word. */
export function toLocalPath(path: string): string {
  const home = /^~(?=\/|$)/.test(path) ? requireModule("node:os").homedir() : "";
  return home === "" ? path : `${home}${path.slice(1)}`;
}

/** Parameters that speak of TLS, in whichever client's words. One that is not understood must not be ignored. */
export function speaksOfTls(name: string): boolean {
  return /ssl|tls|cert|verify|cipher|encrypt|insecure|rejectunauthorized/i.test(name);
}

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

/** Whether a text names a module that has a store, and not a server, a database or a file of SQLite. */
export function isStoreModule(text: string): boolean {
  // One letter before the colon is a drive of Windows.
  const scheme = /^[a-z][a-z0-9+.-]+:/i.exec(text)?.[0].toLowerCase() ?? "file:";
  return scheme === "file:" && /^[^?#\n]+\.[cm]?[jt]s$/i.test(text);
}

function isNamed(scheme: string): boolean {
  return /^(?:postgres(?:ql)?|mysql|mariadb|rediss?|valkeys?|nats|etcds?):$/i.test(scheme);
}
