import { IntermissionError, reasonOf, show } from "../../core/errors.ts";
import { readPem, redactUrl, speaksOfTls, type TlsSettings } from "../shared/url.ts";

/** What a URL says about a Redis or Valkey server. */
export interface RedisAddress {
  /** For `ioredis`, without the parameters about TLS. */
  readonly url: string;
  readonly tls?: TlsSettings;
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

export function isRedisUrl(url: string): boolean {
  if (!/^(?:redis|valkey)s?:\/\//i.test(url) || !URL.canParse(url)) return false;
  try {
    const { username, password } = new URL(url);
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/**
 * Parameters not about TLS are passed to the client. An unknown one about TLS is refused: ignoring it would
 * protect less than was asked.
 *
 * @param url One for which {@link isRedisUrl} is true.
 * @throws IntermissionError `bad-option`
 */
export function parseAddress(url: string): RedisAddress {
  const [, scheme = "", rest = "", query = ""] = /^([a-z]+):\/\/([^?#]*)(?:\?([^#]*))?/i.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => speaksOfTls(name) && !known.has(name));
  if (unknown !== undefined) {
    throw bad(
      url,
      `no parameter about TLS but ${[...known].join(", ")}`,
      `The parameter ${show(unknown)} is not understood here: write rediss:// for TLS, and say the rest with sslmode and sslrootcert.`,
    );
  }
  const tls = toTls(url, /^(?:rediss|valkeys)$/i.test(scheme), parameters);
  for (const name of known) parameters.delete(name);
  const others = parameters.toString();
  return {
    url: `redis://${rest}${others === "" ? "" : `?${others}`}`,
    ...(tls === undefined ? {} : { tls }),
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
