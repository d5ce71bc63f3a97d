import { readFileSync } from "node:fs";
import { reasonOf } from "../../core/errors.ts";
import { isRelease } from "../../core/release.ts";
import type { UpstreamAddress } from "../../server/gateway/settings.ts";
import { UsageError } from "./usage-error.ts";

/** Upstreams by host. */
export interface GatewayUpstreams {
  /** For every host without its own. */
  readonly upstreams: readonly UpstreamAddress[];
  /** By lower-case name. */
  readonly hosts: ReadonlyMap<string, readonly UpstreamAddress[]>;
}

const maximumUpstreams = 256;

/**
 * @param addresses Each for all hosts, as in `--upstream`.
 * @param named Each for one host, as in `--host shop.example=http://127.0.0.1:8000`.
 * @param path A file with one of either kind per line. Lines that begin with # are comments.
 * @throws UsageError
 */
export function toUpstreams(
  addresses: readonly string[],
  named: readonly string[],
  path: string | undefined,
): GatewayUpstreams {
  const lines = path === undefined ? [] : readLines(path);
  const isNamed = (line: string): boolean => /^[^/:=]+=/.test(line);
  const upstreams = [...addresses, ...lines.filter((line) => !isNamed(line))].map(toUpstream);
  const hosts = new Map<string, UpstreamAddress[]>();
  for (const line of [...named, ...lines.filter(isNamed)]) {
    const [, host, address] = /^([a-z\d.-]{1,253})=(.*)$/i.exec(line) ?? [];
    if (host === undefined || address === undefined) {
      throw new UsageError("A host needs its upstream behind it: --host shop.example=http://127.0.0.1:8000");
    }
    const name = host.toLowerCase();
    hosts.set(name, [...(hosts.get(name) ?? []), toUpstream(address)]);
  }
  const count = upstreams.length + [...hosts.values()].flat().length;
  if (count === 0 || count > maximumUpstreams) {
    throw new UsageError(
      `The gateway needs to know the app: --upstream http://127.0.0.1:8000 (at most ${String(maximumUpstreams)}).`,
    );
  }
  return { upstreams, hosts };
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  } catch (error) {
    throw new UsageError(`The file of --upstreams can't be read (${reasonOf(error)}).`);
  }
}

function toUpstream(text: string): UpstreamAddress {
  const socket = /^unix:(\/[^#]{1,106})(?:#(.*))?$/.exec(text);
  if (socket !== null) return withRelease(`unix:${socket[1] ?? ""}`, socket[2] ?? "");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The text may contain a password, so it is not repeated.
  if (
    url === undefined ||
    !["http:", "https:"].includes(url.protocol) ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.username !== ""
  ) {
    throw new UsageError(
      "An upstream needs an address such as http://127.0.0.1:8000, https://10.0.0.1 or unix:/run/app.sock, perhaps with its release: http://127.0.0.1:8000#v1.0",
    );
  }
  return withRelease(url.origin, url.hash.slice(1));
}

function withRelease(origin: string, encoded: string): UpstreamAddress {
  const release = decode(encoded);
  if (release === "") return { origin };
  if (release === undefined || !isRelease(release)) {
    throw new UsageError("What stands after the # of an upstream can't be a release.");
  }
  return { origin, release };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
