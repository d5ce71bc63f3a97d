import type { IncomingHttpHeaders } from "node:http";
import type { AddressRange } from "../../core/address-range.ts";

/** Who asks, as far as that is believed. */
export interface Client {
  /** Of the visitor. Undefined: the connection is gone. */
  readonly address: string | undefined;
  /** What upstreams are told: names and values in turn. */
  readonly headers: readonly string[];
}

/** More proxies than that in front are not looked at. */
const maximumProxies = 32;

/**
 * `X-Forwarded-For`, `-Proto` and `-Host`, and `Forwarded` (RFC 7239). What a visitor says of itself is replaced; what a
 * trusted proxy in front says is kept and added to.
 */
export function toClient(
  headers: IncomingHttpHeaders,
  host: string | undefined,
  remoteAddress: string | undefined,
  trusted: readonly AddressRange[],
): Client {
  const peer = plainAddress(remoteAddress);
  if (trusted.length === 0) return { address: peer, headers: own(peer, host) };
  const isTrusted = (address: string): boolean => trusted.some((range) => range.contains(address));
  const believed = peer !== undefined && isTrusted(peer) ? headers : undefined;
  if (believed === undefined) return { address: peer, headers: own(peer, host) };
  const before = text(believed["x-forwarded-for"]);
  const chain = [before, peer].filter((part) => part !== undefined && part !== "").join(", ");
  const protocol = text(believed["x-forwarded-proto"]) ?? "http";
  const forwardedHost = text(believed["x-forwarded-host"]) ?? host;
  const forwarded = [text(believed["forwarded"]), toForwarded(peer, host)];
  return {
    address: before === undefined ? peer : (nearestUntrusted(before, isTrusted) ?? peer),
    headers: [
      ...(chain === "" ? [] : ["X-Forwarded-For", chain]),
      "X-Forwarded-Proto",
      protocol,
      ...(forwardedHost === undefined ? [] : ["X-Forwarded-Host", forwardedHost]),
      "Forwarded",
      forwarded.filter((part) => part !== undefined && part !== "").join(", "),
    ],
  };
}

function own(peer: string | undefined, host: string | undefined): readonly string[] {
  const headers = ["X-Forwarded-Proto", "http", "Forwarded", toForwarded(peer, host)];
  if (peer !== undefined) headers.push("X-Forwarded-For", peer);
  if (host !== undefined) headers.push("X-Forwarded-Host", host);
  return headers;
}

/** A visitor could put anything at the list's beginning: the last that no trusted proxy stands for is the client. */
function nearestUntrusted(list: string, isTrusted: (address: string) => boolean): string | undefined {
  const addresses = list.split(",").slice(-maximumProxies).reverse();
  let nearest: string | undefined;
  for (const entry of addresses) {
    const address = entry.trim();
    if (address === "") continue;
    nearest = address;
    if (!isTrusted(address)) break;
  }
  return nearest;
}

function toForwarded(peer: string | undefined, host: string | undefined): string {
  const node = peer === undefined ? "unknown" : peer.includes(":") ? `"[${peer}]"` : peer;
  const named =
    host === undefined ? "" : `;host="${/["\\]/.test(host) ? host.replace(/["\\]/g, "\\$&") : host}"`;
  return `for=${node}${named};proto=http`;
}

/** A socket for both families shows an IPv4 client as an IPv6 one: RFC 4291 section 2.5.5.2. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.startsWith("::ffff:") === true ? address.slice(7) : address;
}

function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(", ") : value;
}
