/** A URL that may name several servers of one cluster, which `URL` does not read. */
export interface HostsUrl {
  /** Lower case, with its colon. */
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `HOST:PORT` each. */
  readonly hosts: readonly string[];
  /** Without the slashes around it. */
  readonly path: string;
  readonly parameters: URLSearchParams;
}

/**
 * `SCHEME://USER:PASSWORD@HOST:PORT,HOST:PORT/PATH?NAME=VALUE`.
 *
 * @returns undefined for what is none, or has parameters beside the known ones.
 */
export function parseHostsUrl(
  url: string,
  defaultPort: number,
  knownParameters: readonly string[],
): HostsUrl | undefined {
  const parts = /^([a-z][a-z0-9+.-]*:)\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(
    url.trim(),
  );
  if (parts === null) return undefined;
  const [, scheme = "", credentials, authority = "", path = "", query = ""] = parts;
  const hosts = authority.split(",").map((host) => withPort(host, defaultPort));
  const parameters = new URLSearchParams(query);
  if (hosts.includes(undefined) || [...parameters.keys()].some((name) => !knownParameters.includes(name)))
    return undefined;
  const colonAt = credentials?.indexOf(":") ?? -1;
  try {
    const decode = (text: string | undefined): string | undefined =>
      text === undefined || text === "" ? undefined : decodeURIComponent(text);
    return {
      scheme: scheme.toLowerCase(),
      user: decode(colonAt === -1 ? credentials : credentials?.slice(0, colonAt)),
      password: colonAt === -1 ? undefined : decode(credentials?.slice(colonAt + 1)),
      hosts: hosts as string[],
      path: decodeURIComponent(path).replace(/^\/+|\/+$/g, ""),
      parameters,
    };
  } catch {
    // What is special was not percent-encoded.
    return undefined;
  }
}

function withPort(host: string, defaultPort: number): string | undefined {
  // As `http:` it is checked as every host is.
  if (!URL.canParse(`http://${host}`)) return undefined;
  return /:\d+$/.test(host) ? host : `${host}:${String(defaultPort)}`;
}
