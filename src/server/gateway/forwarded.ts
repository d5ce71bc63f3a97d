import type { IncomingHttpHeaders } from "node:http";
import type { AddressRange } from "../../core/exemption.ts";

/** Who asks, as far as we trust it. */
export interface Client {
  /** The visitor's. Undefined: the connection is gone. */
  readonly address: string | undefined;
  /** A trusted proxy asks. */
  readonly isTrusted: boolean;
  /** For upstreams: names and values in turn. */
  readonly headers: readonly string[];
}

/** More proxies in front than this are ignored. */
const maximumProxies = 32;

/**
 * `X-Forwarded-For`, `-Proto` and `-Host`, and `Forwarded` (RFC 7239). What a visitor claims is replaced;
 * what a trusted proxy in front says is kept and extended. Apps read one or the other, so both say the same:
 * if the proxy sends both, `X-Forwarded-*` wins, because proxies set that by default.
 */
export function toClient(
  headers: IncomingHttpHeaders,
  host: string | undefined,
  remoteAddress: string | undefined,
  protocol: "http" | "https",
  trusted: readonly AddressRange[],
): Client {
  const peer = plainAddress(remoteAddress);
  const isTrusted = (address: string): boolean => trusted.some((range) => range.contains(address));
  if (peer === undefined || !isTrusted(peer)) return toStranger(peer, host, protocol);
  const said = readForwarded(text(headers["forwarded"]));
  const before = toList(text(headers["x-forwarded-for"])) ?? said.addresses;
  return {
    address: nearestUntrusted(before, isTrusted) ?? peer,
    isTrusted: true,
    headers: write(
      [...before, peer],
      text(headers["x-forwarded-proto"]) ?? said.protocol ?? protocol,
      text(headers["x-forwarded-host"]) ?? said.host ?? host,
    ),
  };
}

/** Most visitors send many requests, and building these headers costs more than a lookup. */
const strangers = new Map<string, Client>();
const mostStrangers = 256;

/** Its own claims are ignored, so only its connection and the host matter. */
function toStranger(
  address: string | undefined,
  host: string | undefined,
  protocol: "http" | "https",
): Client {
  const key = `${protocol} ${address ?? ""} ${host ?? ""}`;
  const known = strangers.get(key);
  if (known !== undefined) return known;
  const headers = write(address === undefined ? [] : [address], protocol, host);
  const client = { address, isTrusted: false, headers };
  if (strangers.size >= mostStrangers) strangers.clear();
  strangers.set(key, client);
  return client;
}

function write(addresses: readonly string[], protocol: string, host: string | undefined): readonly string[] {
  const rest = `${host === undefined ? "" : `;host=${quote(host)}`};proto=${/^[\w.+-]+$/.test(protocol) ? protocol : quote(protocol)}`;
  const nodes = addresses.length === 0 ? ["unknown"] : addresses.map(toNode);
  return [
    ...(addresses.length === 0 ? [] : ["X-Forwarded-For", addresses.join(", ")]),
    "X-Forwarded-Proto",
    protocol,
    ...(host === undefined ? [] : ["X-Forwarded-Host", host]),
    "Forwarded",
    // On each, because apps read the first or the last.
    nodes.map((node) => `for=${node}${rest}`).join(", "),
  ];
}

/** RFC 7239 section 6: an IPv6 address needs brackets and quotes. */
function toNode(address: string): string {
  if (/^[\w.-]+$/.test(address)) return address;
  return quote(
    /^[\da-f:.]+$/i.test(address) && address.includes(":") && !/^\d+(?:\.\d+){3}:/.test(address)
      ? `[${address}]`
      : address,
  );
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** What `Forwarded` says: RFC 7239 section 4. Protocol and host are from the proxy nearest to the visitor. */
function readForwarded(value: string | undefined): {
  readonly addresses: readonly string[];
  readonly protocol?: string | undefined;
  readonly host?: string | undefined;
} {
  const elements = (value ?? "").match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g)?.slice(-maximumProxies) ?? [];
  const of = (element: string, name: string): string | undefined => {
    const found = new RegExp(`(?:^|;)\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, "i").exec(element);
    return found?.[1]?.replace(/\\(.)/g, "$1") ?? found?.[2];
  };
  const addresses = elements
    .map((element) => of(element, "for")?.replace(/^\[(.*)\](?::\d+)?$/, "$1"))
    .filter((address): address is string => address !== undefined && address !== "");
  const [first = ""] = elements;
  return { addresses, protocol: of(first, "proto"), host: of(first, "host") };
}

function toList(value: string | undefined): readonly string[] | undefined {
  const parts = value
    ?.split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return parts === undefined || parts.length === 0 ? undefined : parts;
}

/**
 * A visitor could put anything at the start of the list: the last address that is not a trusted proxy is the
 * client.
 */
function nearestUntrusted(
  list: readonly string[],
  isTrusted: (address: string) => boolean,
): string | undefined {
  let nearest: string | undefined;
  for (const address of list.slice(-maximumProxies).reverse()) {
    nearest = address;
    if (!isTrusted(address)) break;
  }
  return nearest;
}

/** A dual-stack socket shows an IPv4 client as IPv6: RFC 4291 section 2.5.5.2. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.startsWith("::ffff:") === true ? address.slice(7) : address;
}

function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(", ") : value;
}
