import { IntermissionError, reasonOf, show } from "../../core/errors.ts";
import {
  redactUrl,
  parseServerUrl,
  readPem,
  showParameter,
  speaksOfTls,
  type Host,
  type TlsSettings,
} from "../shared/url.ts";

/** What a URL says about a PostgreSQL server. */
export interface PostgresAddress {
  /** In the order they are tried. */
  readonly hosts: readonly Host[];
  /** For `pg`. What is left out comes from its environment variables (`PGUSER` …), as for any client. */
  readonly client: PostgresClientSettings;
  /** `prefer` and `allow`: a server without TLS is accepted too. */
  readonly tlsOptional: boolean;
  /** Of several hosts, use only one that accepts writes. */
  readonly primaryOnly: boolean;
  /** The tables' schema. Undefined: the first of the search path. */
  readonly schema: string | undefined;
  /** The URL says that a pooler may share the connection (`pgbouncer=true`). */
  readonly pooled: boolean;
}

export interface PostgresClientSettings {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /**
   * Undefined: none, because a pooler would show it on connections that the app gets next. A connection
   * that is known to be our own is named later.
   */
  readonly application_name?: string;
  readonly options?: string;
  /** Undefined: `pg` follows `PGSSLMODE`. */
  readonly ssl?: TlsSettings | false;
}

/** Parameters that ask for TLS without saying which kind. Their values mean Node's default checks. */
const onOff: Readonly<Record<string, string>> = {
  true: "verify-full",
  "1": "verify-full",
  "": "verify-full",
  false: "disable",
  "0": "disable",
  "no-verify": "require",
};

/**
 * @throws IntermissionError `bad-option`
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 */
export function parseAddress(url: string): PostgresAddress {
  const parsed = parseServerUrl(url);
  if (parsed === undefined || !/^postgres(?:ql)?:$/.test(parsed.scheme)) {
    throw bad(
      url,
      "postgres://USER:PASSWORD@HOST/DATABASE",
      "Percent-encode special characters in the user name and the password, such as @ : / # ? %.",
    );
  }
  const { parameters } = parsed;
  const given = (name: string): string | undefined => {
    const value = parameters.get(name)?.trim();
    return value === "" ? undefined : value;
  };
  const schema = given("schema");
  if (schema !== undefined && (schema.length > 63 || schema.includes("\0"))) {
    throw bad(url, "a schema's name of at most 63 characters", "Name another schema.");
  }
  const user = given("user") ?? parsed.user;
  const password = given("password") ?? parsed.password;
  const database = given("dbname") ?? (parsed.path === "" ? undefined : parsed.path);
  const options = given("options");
  const ssl = toTls(url, parameters);
  const mode = parameters.get("sslmode");
  const target = given("target_session_attrs");
  const applicationName = given("application_name");
  return {
    hosts: toHosts(url, parsed.hosts, given("hostaddr") ?? given("host"), given("port")),
    client: {
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ...(options === undefined ? {} : { options }),
      ...(applicationName === undefined ? {} : { application_name: applicationName }),
      ...(ssl === undefined ? {} : { ssl }),
    },
    tlsOptional: mode === "prefer" || mode === "allow",
    primaryOnly: target === "read-write" || target === "primary",
    schema,
    pooled: ["true", "1"].includes(given("pgbouncer") ?? ""),
  };
}

function toHosts(
  url: string,
  inUrl: readonly Host[],
  names: string | undefined,
  ports: string | undefined,
): readonly Host[] {
  const portList = ports?.split(",").map(Number) ?? [];
  if (portList.some((port) => !Number.isInteger(port) || port < 1 || port > 65_535)) {
    throw bad(url, "a port from 1 to 65535", "Correct the parameter port.");
  }
  const hosts = names === undefined ? inUrl : names.split(",").map((host) => ({ host, port: undefined }));
  return hosts.map(({ host, port }, index) => ({ host, port: portList[index] ?? portList[0] ?? port }));
}

/** @throws IntermissionError `bad-option` for an unknown parameter about TLS */
function toTls(url: string, parameters: URLSearchParams): TlsSettings | false | undefined {
  const unknown = [...parameters.keys()].find((name) => speaksOfTls(name) && !known.has(name));
  if (unknown !== undefined) {
    throw bad(
      url,
      `no parameter about TLS but ${[...known].join(", ")}`,
      `The parameter ${showParameter(unknown)} is not understood here, and leaving it out could mean less protection than you ask for.`,
    );
  }
  const negotiation = parameters.get("sslnegotiation") ?? "postgres";
  if (negotiation !== "postgres") {
    throw bad(url, "sslnegotiation=postgres", "Leave sslnegotiation out: the client pg negotiates.");
  }
  const gss = parameters.get("gssencmode") ?? "prefer";
  if (gss === "require") throw bad(url, "gssencmode=disable", "The client pg has no GSSAPI: use TLS.");
  const mode = toMode(url, parameters);
  if (mode === undefined || mode === "disable") return mode === undefined ? undefined : false;
  const file = (name: string): string | undefined => {
    const path = parameters.get(name) ?? "";
    if (path === "" || (name === "sslrootcert" && path === "system")) return undefined;
    try {
      return readPem(path);
    } catch (error) {
      throw bad(url, `a readable file in ${name}`, `Check the path of ${name}: ${reasonOf(error)}.`);
    }
  };
  const [ca, cert, key] = [file("sslrootcert"), file("sslcert"), file("sslkey")];
  const files = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  // As in libpq, a named CA is verified even if the mode alone accepts any certificate.
  const effective = mode === "require" && ca !== undefined ? "verify-ca" : mode;
  if (effective === "verify-full") return { rejectUnauthorized: true, ...files };
  if (effective === "verify-ca") {
    return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...files };
  }
  return { rejectUnauthorized: false, ...files };
}

const modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

const known: ReadonlySet<string> = new Set([
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "ssl",
  "sslaccept",
  "sslnegotiation",
  "uselibpqcompat",
]);

function toMode(url: string, parameters: URLSearchParams): string | undefined {
  const mode = parameters.get("sslmode");
  if (mode !== null) {
    if (modes.includes(mode)) return mode;
    if (mode === "no-verify") return "require";
    throw bad(url, `sslmode=${modes.join("|")}`, "Correct the parameter sslmode.");
  }
  const accept = parameters.get("sslaccept");
  if (accept !== null) {
    if (accept === "strict") return "verify-full";
    if (accept === "accept_invalid_certs") return "require";
    throw bad(url, "sslaccept=strict|accept_invalid_certs", "Correct the parameter sslaccept.");
  }
  const ssl = parameters.get("ssl");
  if (ssl !== null) {
    const meant = Object.hasOwn(onOff, ssl) ? onOff[ssl] : undefined;
    if (meant === undefined) throw bad(url, "ssl=true|false|no-verify", "Say it with sslmode instead.");
    return meant;
  }
  // Naming a CA means that it should be verified.
  return parameters.has("sslrootcert") ? "verify-full" : undefined;
}

function bad(url: string, expected: string, remedy: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "The URL of the PostgreSQL store can't be used",
    expected,
    got: show(redactUrl(url)),
    remedy,
  });
}
