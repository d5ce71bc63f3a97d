import type { AddressRange } from "../../core/exemption.ts";
import type { AccessLog } from "./access-log.ts";

/** A gateway's settings. Times in milliseconds. */
export interface GatewaySettings {
  /** For every host without its own. Empty: other hosts are refused. */
  readonly upstreams: readonly UpstreamAddress[];
  /** Upstreams of single hosts, by lower-case name. */
  readonly hosts?: ReadonlyMap<string, readonly UpstreamAddress[]> | undefined;
  readonly listen: ListenAddress;
  /** HTTPS with HTTP/2 to visitors. Undefined: HTTP/1.1 without TLS. */
  readonly certificate?: Certificate | undefined;
  /** The authorities (PEM) that verify https upstreams. Undefined: Node's. */
  readonly upstreamAuthority?: string | undefined;
  readonly accessLog?: AccessLog | undefined;
  /** Where health and metrics are served. Undefined: nowhere. */
  readonly control?: ListenAddress | undefined;
  /** The response header, in lower case, with an upstream's release. @default "x-release" */
  readonly releaseHeader?: string | undefined;
  /** Whether visitors get that header too. @default false */
  readonly showRelease?: boolean | undefined;
  /** Until a visitor's request headers are complete; checked every second. @default 30_000 */
  readonly headerTimeout?: number | undefined;
  /** Until an upstream's answer begins. @default 60_000 */
  readonly timeout?: number | undefined;
  /** Until a connection to an upstream is established. @default 3_000 */
  readonly connectTimeout?: number | undefined;
  /** Between two pieces of an answer, and of a WebSocket. @default `timeout`, and 300_000 for a WebSocket */
  readonly idleTimeout?: number | undefined;
  /** How long a request waits when no upstream can be reached. @default 0, not at all */
  readonly hold?: number | undefined;
  /** More requests than this don't wait. @default 1_000 */
  readonly maximumHeld?: number | undefined;
  /** Visitors' connections; more are closed at once. @default 10_000 */
  readonly maximumConnections?: number | undefined;
  /** Requests in flight to one upstream, except WebSockets and event streams. @default 256 */
  readonly maximumUpstreamConnections?: number | undefined;
  /** Requests that wait for one of those places, and how long. @default 256 and 5_000 */
  readonly maximumQueued?: number | undefined;
  readonly queuePatience?: number | undefined;
  /** Of a request's body, in bytes. @default 1 GiB */
  readonly maximumBody?: number | undefined;
  /** Receives a whole body before it asks an upstream. @default true */
  readonly buffersRequests?: boolean | undefined;
  /** Bytes of all temporary files together. @default 1 GiB */
  readonly temporaryFiles?: number | undefined;
  /** How long a visitor may accept nothing of an answer. @default 60_000 */
  readonly sendTimeout?: number | undefined;
  /**
   * Repeats a GET or HEAD that an old upstream failed on one that runs the current release. @default false
   */
  readonly heals?: boolean | undefined;
  /** Proxies in front whose `X-Forwarded-*` and `Forwarded` are trusted. */
  readonly trusted?: readonly AddressRange[] | undefined;
  /**
   * Requested from each upstream every `healthEvery`. Undefined: only visitors' requests show who is
   * reachable.
   */
  readonly healthPath?: string | undefined;
  /** Asks each upstream for its release once, so that it is known before the first deploy. @default true */
  readonly asksAtStart?: boolean | undefined;
  /** How many checks in a row change an upstream's health. @default 1 for both */
  readonly healthyAfter?: number | undefined;
  readonly unhealthyAfter?: number | undefined;
  /** @default 5_000 */
  readonly healthEvery?: number | undefined;
  /** How long requests in flight may take to finish at shutdown. @default 25_000 */
  readonly drain?: number | undefined;
}

export interface UpstreamAddress {
  /** Such as `http://127.0.0.1:8000`, `https://10.0.0.1` or `unix:/run/app.sock`. */
  readonly origin: string;
  /** The release of an upstream that does not state it. */
  readonly release?: string | undefined;
}

export interface ListenAddress {
  /** Left out: every address of the machine. */
  readonly host?: string | undefined;
  /** 0: any free port. */
  readonly port: number;
  /** An already listening socket, as systemd passes it. Then host and port don't matter. */
  readonly descriptor?: number | undefined;
}

/** PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export const gatewayDefaults = Object.freeze({
  releaseHeader: "x-release",
  headerTimeout: 30_000,
  timeout: 60_000,
  connectTimeout: 3000,
  idleTimeout: 300_000,
  hold: 0,
  maximumHeld: 1000,
  maximumConnections: 10_000,
  healthEvery: 5000,
  drain: 25_000,
  maximumUpstreamConnections: 256,
  maximumQueued: 256,
  queuePatience: 5000,
  maximumBody: 1_073_741_824,
  temporaryFiles: 1_073_741_824,
  sendTimeout: 60_000,
});
