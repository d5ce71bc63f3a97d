import { IntermissionError, show } from "./errors.ts";
import { matchesPath, parsePathGlob, type PathPattern } from "./path-glob.ts";
import type { Manual } from "./state/state.ts";

/** Decides whether a client's address is in the range. */
export interface AddressRange {
  /** False if the text is not an address. Never throws. */
  contains(address: string): boolean;
}

/** The longest notation: IPv6 ending in IPv4, with a zone and a prefix. */
const maximumLength = 64;

/** An IPv4 address counts as its mapped IPv6 form, `::ffff:a.b.c.d`: RFC 4291 section 2.5.5.2. */
const mapped = 0xffffn << 32n;
const mappedBits = 96;

/**
 * An address or a range in CIDR notation (RFC 4632, RFC 4291): `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`.
 * An IPv4 range includes clients that a dual-stack socket shows as `::ffff:10.1.2.3`; an IPv6 range includes
 * no IPv4. Bits beyond the prefix are refused, as PostgreSQL's `cidr` does: `203.0.113.7/0` hardly means the
 * whole Internet.
 *
 * @throws IntermissionError `bad-option`
 */
export function parseAddressRange(text: string): AddressRange {
  const [address = "", prefix, ...rest] = text
    .trim()
    .slice(0, maximumLength + 1)
    .split("/");
  const number = text.length > maximumLength || rest.length > 0 ? undefined : toNumber(address);
  const bits = address.includes(":") ? 128 : 32;
  const length = prefix === undefined ? bits : toDecimal(prefix, bits);
  if (number === undefined || length === undefined) throw badRange(text);
  const isIpv4 = isMapped(number);
  const significant = bits === 32 ? mappedBits + length : length;
  const ignored = BigInt(128 - significant);
  const network = number >> ignored;
  if (isIpv4 && significant < mappedBits) {
    const meant =
      length > 32 ? "the IPv4 range, such as 10.0.0.0/8" : rangeAround(number, mappedBits + length);
    throw badRange(text, `Of an IPv4 address in IPv6, the prefix is at least 96. Write ${meant}.`);
  }
  if (network << ignored !== number) {
    const [whole, single] = [rangeAround(number, significant), toRange(number, 128)];
    throw badRange(
      text,
      `It has bits beyond its prefix. Write ${whole} for the range, or ${single} for one address.`,
    );
  }
  return {
    contains(client) {
      const known = clientNumber(client);
      return known !== undefined && isMapped(known) === isIpv4 && known >> ignored === network;
    },
  };
}

// A request is checked against up to sixteen ranges, and the next often comes from the same client.
let latest: { readonly address: string; readonly number: bigint | undefined } | undefined;

function clientNumber(address: string): bigint | undefined {
  if (address.length > maximumLength) return undefined;
  if (latest?.address === address) return latest.number;
  // The zone only names the link on which this machine sees the client: RFC 4007 section 11.
  const [bare = ""] = address.split("%", 1);
  latest = { address, number: toNumber(bare) };
  return latest.number;
}

function toNumber(address: string): bigint | undefined {
  if (!address.includes(":")) {
    const number = toIpv4(address);
    return number === undefined ? undefined : mapped | number;
  }
  return toIpv6(address);
}

function toIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let number = 0n;
  for (const part of parts) {
    const octet = toDecimal(part, 255);
    if (octet === undefined) return undefined;
    number = (number << 8n) | BigInt(octet);
  }
  return number;
}

function toIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(toGroups);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? join(head) : undefined;
  if (tail === undefined) return undefined;
  // `::` stands for at least one group of zeros.
  const missing = 8 - head.length - tail.length;
  if (missing < 1 || halves[0]?.includes(".") === true) return undefined;
  return join([...head, ...Array<bigint>(missing).fill(0n), ...tail]);
}

/** In groups of 16 bits. The last two may be written as an IPv4 address. */
function toGroups(text: string): readonly bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes(".")) {
      const number = toIpv4(part);
      if (number === undefined) return undefined;
      groups.push(number >> 16n, number & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return groups;
}

function join(groups: readonly bigint[]): bigint | undefined {
  if (groups.length !== 8) return undefined;
  return groups.reduce((number, group) => (number << 16n) | group, 0n);
}

/** Refuses leading zeros: some read those as octal, which gives another address. */
function toDecimal(text: string, maximum: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const number = Number(text);
  return number <= maximum ? number : undefined;
}

function isMapped(number: bigint): boolean {
  return number >> 32n === mapped >> 32n;
}

function rangeAround(number: bigint, significant: number): string {
  const ignored = BigInt(128 - significant);
  return toRange((number >> ignored) << ignored, significant);
}

/** In the form people write: RFC 5952. */
function toRange(number: bigint, significant: number): string {
  if (isMapped(number) && significant >= mappedBits) {
    const octets = [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 0xffn));
    return octets.join(".") + (significant === 128 ? "" : `/${String(significant - mappedBits)}`);
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((number >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  const { hostname } = new URL(`http://[${groups.join(":")}]`);
  return hostname.slice(1, -1) + (significant === 128 ? "" : `/${String(significant)}`);
}

function badRange(
  text: string,
  remedy = "For example 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32.",
): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "An exempt address can't be used",
    expected: "an IPv4 or IPv6 address, or a range of them in CIDR notation",
    got: show(text),
    remedy,
  });
}

/** What manual mode needs to know about a request. */
export interface ManualFacts {
  /** Without its query. */
  readonly path?: string | undefined;
  /** The client's address, as the framework has it. */
  readonly address?: string | undefined;
  /** Carries a valid bypass. */
  readonly bypassed?: boolean | undefined;
}

/** How many paths, and how many addresses, one mode may exempt. Intermission never writes more. */
export const mostExemptions = 16;

/**
 * Where platforms check health. A platform that gets 503 removes the instance, and the page with it.
 *
 * Kubernetes (`/healthz`, `/livez`, `/readyz`), Rails, Laravel and Kamal (`/up`), Spring
 * (`/actuator/health`), Google App Engine (`/_ah/…`), OpenFaaS (`/_/health`), Azure App Service
 * (`/robots933456.txt`), and other common names.
 */
export const healthPaths: readonly string[] = [
  ...["/healthz", "/livez", "/readyz", "/startupz"],
  ...["/health", "/health/live", "/health/ready", "/health/startup", "/healthcheck"],
  ...["/up", "/actuator/health", "/actuator/health/*"],
  ...["/_ah/health", "/_ah/start", "/_ah/stop", "/_ah/warmup", "/_/health", "/robots933456.txt"],
];

const healthPatterns = healthPaths.map(parsePathGlob);

/** Whether a closed site lets a platform's health check reach the app. */
export function isOpenHealthPath(manual: Manual | undefined, { path }: ManualFacts): boolean {
  return manual?.closeHealthPaths !== true && matchesPath(healthPatterns, path);
}

/** Whether manual mode does not apply to a request. */
export function isManualExempt(manual: Manual | undefined, facts: ManualFacts): boolean {
  if (facts.bypassed === true) return true;
  if (manual === undefined) return false;
  const { paths, addresses } = exemptionsOf(manual);
  if (matchesPath(paths, facts.path)) return true;
  if (addresses.length === 0) return false;
  const { address } = facts;
  return address !== undefined && addresses.some((range) => range.contains(address));
}

interface Exemptions {
  readonly paths: readonly PathPattern[];
  readonly addresses: readonly AddressRange[];
}

// A snapshot keeps its state object until a new one is written.
const known = new WeakMap<Manual, Exemptions>();

function exemptionsOf(manual: Manual): Exemptions {
  let exemptions = known.get(manual);
  if (exemptions === undefined) {
    exemptions = {
      paths: parseEach(manual.exemptPaths, parsePathGlob),
      addresses: parseEach(manual.exemptAddresses, parseAddressRange),
    };
    known.set(manual, exemptions);
  }
  return exemptions;
}

/** An entry written by hand that can't be parsed exempts nothing. */
function parseEach<Parsed>(
  texts: readonly string[] | undefined,
  parse: (text: string) => Parsed,
): readonly Parsed[] {
  return (texts ?? []).slice(0, mostExemptions).flatMap((text) => {
    try {
      return [parse(text)];
    } catch {
      return [];
    }
  });
}
