/** A URL that may name several servers of one cluster, which `URL` can't parse. */
export interface HostsUrl {
  /** Lower-case, with its colon. */
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Each `HOST:PORT`. */
  readonly hosts: readonly string[];
  /** Without surrounding slashes. */
  readonly path: string;
  readonly parameters: URLSearchParams;
}

/**
 * `SCHEME://USER:PASSWORD@HOST:PORT,HOST:PORT/PATH?NAME=VALUE`.
 *
 * @returns undefined if it is not such a URL, or has unknown parameters.
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
    // Special characters were not percent-encoded.
    return undefined;
  }
}

function withPort(host: string, defaultPort: number): string | undefined {
  // Validated as a host of `http:`.
  if (!URL.canParse(`http://${host}`)) return undefined;
  return /:\d+$/.test(host) ? host : `${host}:${String(defaultPort)}`;
}
