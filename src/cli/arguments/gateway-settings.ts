import { parseAddressRange, type AddressRange } from "../../core/address-range.ts";
import { parseDuration } from "../../core/settings/duration.ts";
import { isRelease } from "../../core/release.ts";
import type { GatewaySettings, ListenAddress, UpstreamAddress } from "../../server/gateway/settings.ts";
import { UsageError } from "./usage-error.ts";

/** The options of the verb `gateway`, as they were typed. */
export interface GatewayWords {
  readonly upstream: readonly string[];
  readonly listen: string | undefined;
  readonly control: string | undefined;
  readonly "release-header": string | undefined;
  readonly "show-release": boolean;
  readonly timeout: string | undefined;
  readonly "idle-timeout": string | undefined;
  readonly hold: string | undefined;
  readonly "health-path": string | undefined;
  readonly "trust-proxy": readonly string[];
  readonly "max-connections": string | undefined;
}

const day = 86_400_000;
const maximumUpstreams = 64;
const maximumTrusted = 64;

/** @throws UsageError */
export function toGatewaySettings(words: GatewayWords): GatewaySettings {
  const { upstream, "trust-proxy": trusted, "release-header": header, "health-path": healthPath } = words;
  if (upstream.length === 0 || upstream.length > maximumUpstreams) {
    throw new UsageError("The gateway needs to know the app: --upstream http://127.0.0.1:8000 (at most 64).");
  }
  if (trusted.length > maximumTrusted) {
    throw new UsageError("The option --trust-proxy can be given 64 times at most.");
  }
  if (header !== undefined && !/^[!#$%&'*+.^`|~\w-]{1,64}$/.test(header)) {
    throw new UsageError("The option --release-header needs the name of a header, such as X-Release.");
  }
  if (healthPath !== undefined && !/^\/[!-~]{0,1000}$/.test(healthPath)) {
    throw new UsageError("The option --health-path needs a path, such as /healthz.");
  }
  return {
    upstreams: upstream.map(toUpstream),
    listen: toAddress(words.listen ?? "8080", "--listen"),
    control: words.control === undefined ? undefined : toAddress(words.control, "--control", "127.0.0.1"),
    releaseHeader: header?.toLowerCase(),
    showRelease: words["show-release"],
    timeout: toMilliseconds(words.timeout, "--timeout"),
    idleTimeout: toMilliseconds(words["idle-timeout"], "--idle-timeout"),
    hold: toMilliseconds(words.hold, "--hold", 300_000),
    trusted: trusted.map(toRange),
    maximumConnections: toCount(words["max-connections"]),
    healthPath,
  };
}

function toUpstream(text: string): UpstreamAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Its text may hold a password, so that it is not repeated.
  if (url?.protocol !== "http:" || url.pathname !== "/" || url.search !== "" || url.username !== "") {
    throw new UsageError(
      "The option --upstream needs an address such as http://127.0.0.1:8000, perhaps with its release: http://127.0.0.1:8000#v1.0",
    );
  }
  const release = decode(url.hash.slice(1));
  if (release === "") return { origin: url.origin };
  if (release === undefined || !isRelease(release)) {
    throw new UsageError("What stands after the # of --upstream can't be a release.");
  }
  return { origin: url.origin, release };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `8080`, `127.0.0.1:8080`, `[::1]:8080`. */
function toAddress(text: string, option: string, otherwise?: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:(?:\[([\da-f:.]+)\]|([^\s:/]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = digits === undefined ? Number.NaN : Number(digits);
  if (!(port <= 65_535)) {
    throw new UsageError(
      `The option ${option} needs a port, or an address with one, such as 127.0.0.1:8080.`,
    );
  }
  return { host: bracketed ?? plain ?? otherwise, port };
}

function toRange(text: string): AddressRange {
  try {
    return parseAddressRange(text);
  } catch {
    throw new UsageError("The option --trust-proxy needs an address, or a range of them such as 10.0.0.0/8.");
  }
}

function toMilliseconds(text: string | undefined, option: string, maximum = day): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < 1 || milliseconds > maximum) {
    throw new UsageError(
      `The option ${option} needs a duration such as 5s or 2m, at most ${String(maximum / 60_000)}m.`,
    );
  }
  return milliseconds;
}

function toCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new UsageError("The option --max-connections needs a whole number from 1 to 9999999.");
  return count;
}
