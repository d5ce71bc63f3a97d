import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { reasonOf } from "../../core/errors.ts";
import { parseAddressRange, type AddressRange } from "../../core/exemption.ts";
import { parseDuration } from "../../core/settings/values.ts";
import type { Certificate, GatewaySettings, ListenAddress } from "../../server/gateway/settings.ts";
import { toUpstreams } from "./gateway-upstreams.ts";
import { UsageError } from "./usage-error.ts";

/** The options of the verb `gateway`, as typed. */
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
  readonly "max-upstream-connections": string | undefined;
  readonly host: readonly string[];
  readonly upstreams: string | undefined;
  readonly "upstream-ca": string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly "max-body": string | undefined;
  readonly "temporary-files": string | undefined;
  readonly "no-request-buffering": boolean;
  readonly heal: boolean;
  readonly "healthy-after": string | undefined;
  readonly "unhealthy-after": string | undefined;
}

const day = 86_400_000;
const maximumTrusted = 64;

/** @throws UsageError */
export function toGatewaySettings(words: GatewayWords): GatewaySettings {
  const { "trust-proxy": trusted, "release-header": header, "health-path": healthPath } = words;
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
    ...toUpstreams(words.upstream, words.host, words.upstreams),
    upstreamAuthority: words["upstream-ca"] && read(words["upstream-ca"], "--upstream-ca"),
    certificate: toCertificate(words.certificate, words.key),
    listen: toAddress(words.listen ?? "8080", "--listen"),
    control: words.control === undefined ? undefined : toAddress(words.control, "--control", "127.0.0.1"),
    releaseHeader: header?.toLowerCase(),
    showRelease: words["show-release"],
    timeout: toMilliseconds(words.timeout, "--timeout"),
    idleTimeout: toMilliseconds(words["idle-timeout"], "--idle-timeout"),
    hold: toMilliseconds(words.hold, "--hold", 300_000),
    trusted: trusted.map(toRange),
    maximumConnections: toCount(words["max-connections"], "--max-connections"),
    maximumUpstreamConnections: toCount(words["max-upstream-connections"], "--max-upstream-connections"),
    maximumBody: toBytes(words["max-body"], "--max-body"),
    temporaryFiles: toBytes(words["temporary-files"], "--temporary-files"),
    buffersRequests: !words["no-request-buffering"],
    heals: words.heal,
    healthPath,
    healthyAfter: toCount(words["healthy-after"], "--healthy-after"),
    unhealthyAfter: toCount(words["unhealthy-after"], "--unhealthy-after"),
  };
}

/** @throws UsageError */
export function toWorkers(text: string | undefined): number {
  const count = toCount(text, "--workers") ?? 1;
  if (count > 64) throw new UsageError("The option --workers needs a whole number from 1 to 64.");
  return count;
}

function toCertificate(certificate: string | undefined, key: string | undefined): Certificate | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    throw new UsageError("HTTPS needs both --certificate FILE and --key FILE.");
  }
  const pair = { cert: read(certificate, "--certificate"), key: read(key, "--key") };
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new UsageError(`The files of --certificate and --key can't be used together (${reasonOf(error)}).`);
  }
  return pair;
}

function read(path: string, option: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`The file of ${option} can't be read (${reasonOf(error)}).`);
  }
}

const units = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `0`, `65536`, `512k`, `10m`, `10MB`, `1GiB`: k, m and g are powers of 1024, as in nginx. */
function toBytes(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ""] = /^(\d{1,12})([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * units[unit.toLowerCase() as keyof typeof units];
  if (!Number.isSafeInteger(bytes))
    throw new UsageError(`The option ${option} needs a size such as 512k, 10m or 1g.`);
  return bytes;
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

function toCount(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new UsageError(`The option ${option} needs a whole number from 1 to 9999999.`);
  return count;
}
