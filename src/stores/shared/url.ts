import { show } from "../../core/errors.ts";
import { requireModule } from "../../core/runtime.ts";

/** A parsed server URL. Unlike `URL` it allows several hosts, none at all, and a socket's path as host. */
export interface ServerUrl {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly hosts: readonly Host[];
  /** Without its leading slash. */
  readonly path: string;
  readonly parameters: URLSearchParams;
}

export interface Host {
  /** A name, an address without brackets, or a path. Empty: none given. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Undefined: not such a URL, or badly percent-encoded. */
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

/** @throws Error if it is not a host. */
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

/** TLS settings as Node takes them, for any kind of client. */
export interface TlsSettings {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Names are not compared: any host's certificate will do, if the CA issued it. */
  readonly checkServerIdentity?: () => undefined;
}

/** The text of a file named by a parameter. Throws the system's error. */
export function readPem(path: string): string {
  return requireModule("node:fs").readFileSync(toLocalPath(path), "utf8");
}

/** `~/` is the user's home; a shell does not expand it in the middle of a word. */
export function toLocalPath(path: string): string {
  const home = /^~(?=\/|$)/.test(path) ? requireModule("node:os").homedir() : "";
  return home === "" ? path : `${home}${path.slice(1)}`;
}

/** Parameters about TLS, in any client's vocabulary. An unknown one must not be ignored. */
export function speaksOfTls(name: string): boolean {
  return /ssl|tls|cert|verify|cipher|encrypt|insecure|rejectunauthorized/i.test(name);
}

/** A parameter's name for messages. With special characters it may be a part of a pasted password. */
export function showParameter(name: string): string {
  return /^[\w.-]{1,40}$/.test(name) ? show(name) : "whose name has special characters";
}

/** A store URL for messages: without user, password and parameters. */
export function redactUrl(url: string): string {
  const text = url.trim();
  // A path; but parameters and a user may be there by mistake, as for a server.
  if (/^(?:memory|sqlite):/i.test(text)) return text.replace(/\?.*$/s, "?…").replace(/\/\/[^/]*@/, "//…@");
  if (isStoreModule(text)) return text;
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? "";
  // Without // after it, this may not be a scheme but the start of a password.
  if (!text.startsWith("//", scheme.length)) return isNamed(scheme) ? `${scheme}…` : "…";
  const rest = text.slice(scheme.length + 2);
  // Passwords get pasted without percent-encoding: only the last @ surely ends one, and it may contain ? or
  // #.
  const end = rest.lastIndexOf("@");
  // That @ may belong to a password in a parameter.
  if (/[?#]/.test(rest.slice(0, Math.max(end, 0)))) return `${scheme}//…`;
  const address = rest.slice(end + 1).replace(/[?#].*$/s, "");
  // Without an @, what looks like a host and port may be a user and password whose @ is missing.
  const plain = end >= 0 || /^[^:/]*(?::\d{1,5})?(?:\/[^:]*)?$/.test(address) ? address : "…";
  return `${scheme}//${end >= 0 ? "…@" : ""}${plain}`;
}

/** Whether a text names a store module, not a server, a database or a SQLite file. */
export function isStoreModule(text: string): boolean {
  // One letter before the colon is a Windows drive.
  const scheme = /^[a-z][a-z0-9+.-]+:/i.exec(text)?.[0].toLowerCase() ?? "file:";
  return scheme === "file:" && /^[^?#\n]+\.[cm]?[jt]s$/i.test(text);
}

function isNamed(scheme: string): boolean {
  return /^(?:postgres(?:ql)?|mysql|mariadb|(?:rediss?|valkeys?)(?:\+(?:sentinel|cluster))?|nats|etcds?):$/i.test(
    scheme,
  );
}
