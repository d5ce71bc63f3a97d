import { IntermissionError, reasonOf, show } from "../../core/errors.ts";
import {
  parseServerUrl,
  readPem,
  redactUrl,
  showParameter,
  speaksOfTls,
  type ServerUrl,
  type TlsSettings,
} from "../shared/url.ts";

/** What a URL says about a Redis or Valkey server, or about several that belong together. */
export interface RedisAddress {
  /** For `ioredis`, without the parameters about TLS. Its host is of no use with several servers. */
  readonly url: string;
  readonly tls?: TlsSettings;
  /** The Sentinels, which know where the server of that name is. */
  readonly sentinel?: RedisSentinel;
  /** Servers of a cluster, which know each other. */
  readonly cluster?: readonly RedisHost[];
}

interface RedisSentinel {
  readonly name: string;
  readonly hosts: readonly RedisHost[];
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** Synonyms from libpq, Node and redis-py. */
const words = {
  mode: ["sslmode", "ssl_cert_reqs", "rejectUnauthorized"],
  ca: ["sslrootcert", "ca", "ssl_ca_certs"],
  cert: ["sslcert", "cert", "ssl_certfile"],
  key: ["sslkey", "key", "ssl_keyfile"],
} as const;

const known: ReadonlySet<string> = new Set(Object.values(words).flat());

type Mode = "off" | "encrypt" | "ca" | "full";

const modes: Readonly<Record<(typeof words.mode)[number], Readonly<Record<string, Mode>>>> = {
  sslmode: {
    disable: "off",
    "no-verify": "encrypt",
    require: "encrypt",
    "verify-ca": "ca",
    "verify-full": "full",
  },
  ssl_cert_reqs: { none: "encrypt", CERT_NONE: "encrypt", required: "full", CERT_REQUIRED: "full" },
  rejectUnauthorized: { false: "encrypt", "0": "encrypt", true: "full", "1": "full" },
};

const severalServers = /^(?:redis|valkey)s?\+(sentinel|cluster):$/;

/** Undefined: it is not the URL of a Redis store. */
function parseRedisUrl(url: string): ServerUrl | undefined {
  const parsed = parseServerUrl(url);
  if (parsed === undefined || severalServers.test(parsed.scheme)) return parsed;
  return /^(?:redis|valkey)s?:$/.test(parsed.scheme) && URL.canParse(url) ? parsed : undefined;
}

/**
 * Parameters not about TLS are passed to the client. An unknown one about TLS is refused: ignoring it would
 * protect less than was asked.
 *
 * @throws IntermissionError `bad-option`
 */
export function parseAddress(url: string): RedisAddress {
  const parsed = parseRedisUrl(url);
  if (parsed === undefined) {
    throw bad(
      url,
      "redis://USER:PASSWORD@HOST:PORT/NUMBER",
      "Percent-encode special characters in the user name and the password, such as @ : / # ? %.",
    );
  }
  const [, scheme = "", rest = "", query = ""] = /^([a-z+]+):\/\/([^?#]*)(?:\?([^#]*))?/i.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => speaksOfTls(name) && !known.has(name));
  if (unknown !== undefined) {
    throw bad(
      url,
      `no parameter about TLS but ${[...known].join(", ")}`,
      `The parameter ${showParameter(unknown)} is not understood here: write rediss:// for TLS, and say the rest with sslmode and sslrootcert.`,
    );
  }
  const tls = toTls(url, /^(?:rediss|valkeys)\b/i.test(scheme), parameters);
  for (const name of known) parameters.delete(name);
  const kind = severalServers.exec(parsed.scheme)?.[1];
  const others = parameters.toString();
  return {
    ...(kind === undefined
      ? { url: `redis://${rest}${others === "" ? "" : `?${others}`}` }
      : toServers(url, parsed, kind, parameters)),
    ...(tls === undefined ? {} : { tls }),
  };
}

const sentinelParameters: ReadonlySet<string> = new Set(["sentinelUser", "sentinelPassword"]);

function toServers(
  url: string,
  { hosts, path }: ServerUrl,
  kind: string,
  parameters: URLSearchParams,
): RedisAddress {
  const allowed = kind === "sentinel" ? sentinelParameters : new Set<string>();
  const unknown = [...parameters.keys()].find((name) => !allowed.has(name));
  if (unknown !== undefined) {
    const names = [...allowed, ...known].join(", ");
    throw bad(
      url,
      `no parameter but ${names}`,
      `The parameter ${showParameter(unknown)} is not understood here.`,
    );
  }
  const servers = hosts.map(({ host, port }) => ({
    host: host === "" ? "127.0.0.1" : host,
    port: port ?? (kind === "sentinel" ? 26_379 : 6379),
  }));
  const [first = { host: "", port: 0 }] = servers;
  // As they are written: what can be decoded can't always be encoded again.
  const [, credentials = ""] = /^[^/]*\/\/([^/?#]*@)/.exec(url) ?? [];
  const host = first.host.includes(":") ? `[${first.host}]` : first.host;
  if (kind === "cluster") {
    if (!/^0?$/.test(path))
      throw bad(url, "no database after the servers", "A cluster has database 0 alone: leave it out.");
    return { url: `redis://${credentials}${host}:${String(first.port)}`, cluster: servers };
  }
  const [, name = "", database = "0"] = /^([^/]+)(?:\/(\d+))?$/.exec(path) ?? [];
  if (name === "") {
    throw bad(
      url,
      "redis+sentinel://USER:PASSWORD@HOST:26379,HOST:26379/NAME/NUMBER",
      "After the Sentinels comes the name under which they watch the server, such as mymaster.",
    );
  }
  const [sentinelUser, sentinelPassword] = [...sentinelParameters].map(
    (each) => parameters.get(each) ?? undefined,
  );
  return {
    url: `redis://${credentials}${host}:${String(first.port)}/${database}`,
    sentinel: { name, hosts: servers, user: sentinelUser, password: sentinelPassword },
  };
}

function toTls(url: string, encrypted: boolean, parameters: URLSearchParams): TlsSettings | undefined {
  const given = [...known].filter((name) => parameters.has(name));
  const mode = toMode(url, parameters);
  if (!encrypted) {
    if (given.length === 0 || mode === "off") return undefined;
    throw bad(
      url,
      `rediss:// or valkeys:// with ${given.join(" and ")}`,
      "Without the s at the end of the scheme nothing is encrypted.",
    );
  }
  if (mode === "off") {
    throw bad(url, "redis:// with sslmode=disable", "The s of rediss: asks for TLS: leave one of them out.");
  }
  const [ca, cert, key] = [words.ca, words.cert, words.key].map((names) => readFile(url, names, parameters));
  // As in libpq, a named CA is verified even if the mode alone accepts any certificate.
  const effective = mode === "encrypt" && parameters.has("sslmode") && ca !== undefined ? "ca" : mode;
  return {
    rejectUnauthorized: effective !== "encrypt",
    ...(effective === "ca" ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function toMode(url: string, parameters: URLSearchParams): Mode {
  const [name, ...more] = words.mode.filter((word) => parameters.has(word));
  if (name === undefined) return "full";
  if (more.length > 0) throw bad(url, "one parameter about TLS's checks", `Leave ${more.join(" and ")} out.`);
  const value = parameters.get(name) ?? "";
  const meant = modes[name];
  const mode = Object.hasOwn(meant, value) ? meant[value] : undefined;
  if (mode !== undefined) return mode;
  throw bad(url, `${name}=${Object.keys(meant).join("|")}`, `Correct the parameter ${name}.`);
}

function readFile(url: string, names: readonly string[], parameters: URLSearchParams): string | undefined {
  const name = names.find((word) => parameters.has(word));
  const path = name === undefined ? "" : (parameters.get(name) ?? "");
  if (name === undefined || path === "") return undefined;
  try {
    return readPem(path);
  } catch (error) {
    throw bad(url, `a readable file in ${name}`, `Check the path of ${name}: ${reasonOf(error)}.`);
  }
}

function bad(url: string, expected: string, remedy: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "The URL of the Redis store can't be used",
    expected,
    got: show(redactUrl(url)),
    remedy,
  });
}
