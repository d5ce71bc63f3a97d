import { IntermissionError, reasonOf, show } from "../../core/errors.ts";
import {
  redactUrl,
  parseServerUrl,
  readPem,
  showParameter,
  speaksOfTls,
  type TlsSettings,
} from "../shared/url.ts";

/** What a URL says about a MySQL or MariaDB server. */
export interface MysqlAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl?: MysqlTls;
  readonly socketPath?: string;
}

/** For `mysql2`: unlike Node, it compares names only if told to. */
type MysqlTls = Omit<TlsSettings, "checkServerIdentity"> & { readonly verifyIdentity?: boolean };

const modes: Readonly<Record<string, "off" | "encrypt" | "ca" | "identity">> = {
  disabled: "off",
  // It accepts a plain connection, and `mysql2` can't ask first.
  preferred: "off",
  required: "encrypt",
  verify_ca: "ca",
  verify_identity: "identity",
};

/** The parameters about TLS that are supported: those of MySQL's own clients, of `mysql2` and of Prisma. */
const known: ReadonlySet<string> = new Set([
  "ssl-mode",
  "sslmode",
  "sslaccept",
  "ssl",
  "ssl-ca",
  "ssl-cert",
  "ssl-key",
]);

/**
 * Other clients' parameters are ignored unless they are about TLS: ignoring those would protect less than was
 * asked.
 *
 * @throws IntermissionError `bad-option`
 */
export function parseAddress(url: string): MysqlAddress {
  const parsed = parseServerUrl(url);
  const [host, ...more] = parsed?.hosts ?? [];
  if (parsed === undefined || host === undefined || parsed.path === "") {
    throw bad(
      url,
      "mysql://USER:PASSWORD@HOST/DATABASE",
      "Name a database in the URL, and percent-encode special characters in the user and the password.",
    );
  }
  if (more.length > 0)
    throw bad(url, "one host", "The client mysql2 takes one: name the server that is written to.");
  const { parameters, user = "", password = "", path } = parsed;
  const ssl = toTls(url, parameters);
  if (ssl?.verifyIdentity === true && isFarAddress(host.host)) {
    throw bad(
      url,
      "a host by its name for VERIFY_IDENTITY",
      "The client mysql2 compares names alone: name the host, or verify the CA alone with ssl-mode=VERIFY_CA.",
    );
  }
  const socketPath = parameters.get("socketPath") ?? parameters.get("socket");
  return {
    host: host.host === "" ? "localhost" : host.host,
    port: host.port ?? 3306,
    user,
    password,
    database: path,
    ...(ssl === undefined ? {} : { ssl }),
    ...(socketPath === null ? {} : { socketPath }),
  };
}

/** `mysql2` treats every address as `localhost`. */
function isFarAddress(host: string): boolean {
  return host.includes(":") ? host !== "::1" : /^\d+(?:\.\d+){3}$/.test(host) && !host.startsWith("127.");
}

function toTls(url: string, parameters: URLSearchParams): MysqlTls | undefined {
  const unknown = [...parameters.keys()].find((name) => speaksOfTls(name) && !known.has(name));
  if (unknown !== undefined) {
    throw bad(
      url,
      `no parameter about TLS but ${[...known].join(", ")}`,
      `The parameter ${showParameter(unknown)} is not understood here: say it with ssl-mode and ssl-ca.`,
    );
  }
  const object = toObject(url, parameters.get("ssl"));
  const mode = toMode(url, parameters, object);
  if (mode === "off") return undefined;
  const file = (name: string): string | undefined => {
    const path = parameters.get(name);
    if (path === null || path === "") return undefined;
    try {
      return readPem(path);
    } catch (error) {
      throw bad(url, `a readable file in ${name}`, `Check the path of ${name}: ${reasonOf(error)}.`);
    }
  };
  const ca = file("ssl-ca") ?? object?.ca;
  const cert = file("ssl-cert") ?? object?.cert;
  const key = file("ssl-key") ?? object?.key;
  return {
    rejectUnauthorized: mode !== "encrypt",
    ...(mode === "identity" ? { verifyIdentity: true } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function toMode(
  url: string,
  parameters: URLSearchParams,
  object: TlsObject | undefined,
): "off" | "encrypt" | "ca" | "identity" {
  const word = parameters.get("ssl-mode") ?? parameters.get("sslmode");
  if (word !== null) {
    const name = word
      .toLowerCase()
      .replaceAll("-", "_")
      .replace(/^verify_full$/, "verify_identity");
    const mode = Object.hasOwn(modes, name)
      ? modes[name]
      : name === "disable"
        ? "off"
        : name === "require"
          ? "encrypt"
          : undefined;
    if (mode !== undefined) return mode;
    throw bad(url, "ssl-mode=DISABLED|REQUIRED|VERIFY_CA|VERIFY_IDENTITY", "Correct the parameter ssl-mode.");
  }
  const accept = parameters.get("sslaccept");
  if (accept === "strict") return "identity";
  if (accept === "accept_invalid_certs") return "encrypt";
  if (accept !== null)
    throw bad(url, "sslaccept=strict|accept_invalid_certs", "Correct the parameter sslaccept.");
  if (object !== undefined) {
    if (object.rejectUnauthorized === false) return "encrypt";
    return object.verifyIdentity === true ? "identity" : "ca";
  }
  const ssl = parameters.get("ssl");
  if (ssl === "true" || ssl === "1") return "identity";
  if (ssl !== null && ssl !== "false" && ssl !== "0" && ssl !== "") {
    throw bad(url, 'ssl=true|false or a JSON object such as {"ca":"…"}', "Say it with ssl-mode and ssl-ca.");
  }
  return parameters.has("ssl-ca") ? "identity" : "off";
}

interface TlsObject {
  readonly rejectUnauthorized?: boolean;
  readonly verifyIdentity?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const fields: Readonly<Record<keyof TlsObject, "boolean" | "string">> = {
  rejectUnauthorized: "boolean",
  verifyIdentity: "boolean",
  ca: "string",
  cert: "string",
  key: "string",
};

/** JSON for the `ssl` of `mysql2`. */
function toObject(url: string, text: string | null): TlsObject | undefined {
  if (!text?.trimStart().startsWith("{")) return undefined;
  let parsed: Readonly<Record<string, unknown>>;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch (error) {
    throw bad(url, "a JSON object in ssl", `Correct the parameter ssl: ${reasonOf(error)}.`);
  }
  for (const [name, value] of Object.entries(parsed)) {
    const type = Object.hasOwn(fields, name) ? fields[name as keyof TlsObject] : undefined;
    if (typeof value !== type) {
      throw bad(
        url,
        `of ssl only ${Object.keys(fields).join(", ")}`,
        `Correct the field ${show(name)} of the parameter ssl.`,
      );
    }
  }
  return parsed;
}

function bad(url: string, expected: string, remedy: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "The URL of the MySQL store can't be used",
    expected,
    got: show(redactUrl(url)),
    remedy,
  });
}
