import type { AddressRange } from "../../core/exemption.ts";
import type { AccessLog } from "./access-log.ts";

/** What a gateway is started with. Times in milliseconds. */
export interface GatewaySettings {
  /** For every host that has none of its own. Empty: other hosts are refused. */
  readonly upstreams: readonly UpstreamAddress[];
  /** Upstreams of single hosts, by their names in lower case. */
  readonly hosts?: ReadonlyMap<string, readonly UpstreamAddress[]> | undefined;
  readonly listen: ListenAddress;
  /** HTTPS with HTTP/2 to visitors. Undefined: HTTP/1.1 without TLS. */
  readonly certificate?: Certificate | undefined;
  /** The authorities (PEM) that https upstreams are checked against. Undefined: those of Node. */
  readonly upstreamAuthority?: string | undefined;
  readonly accessLog?: AccessLog | undefined;
  /** Where health and metrics are told. Undefined: nowhere. */
  readonly control?: ListenAddress | undefined;
  /** The response header, in lower case, by which an upstream says its release. @default "x-release" */
  readonly releaseHeader?: string | undefined;
  /** Leave that header on the answers to visitors. @default false */
  readonly showRelease?: boolean | undefined;
  /** Until the headers of a visitor's request are there; looked at every second. @default 30_000 */
  readonly headerTimeout?: number | undefined;
  /** Until an upstream's answer begins. @default 60_000 */
  readonly timeout?: number | undefined;
  /** Until an upstream's connection stands. @default 3_000 */
  readonly connectTimeout?: number | undefined;
  /** Between two pieces of an answer, and of a WebSocket. @default `timeout`, and 300_000 for a WebSocket */
  readonly idleTimeout?: number | undefined;
  /** How long a request waits when no upstream can be reached. @default 0, not at all */
  readonly hold?: number | undefined;
  /** More requests than that don't wait. @default 1_000 */
  readonly maximumHeld?: number | undefined;
  /** Connections of visitors; what comes beyond them is closed at once. @default 10_000 */
  readonly maximumConnections?: number | undefined;
  /** Requests with one upstream at a time, but for WebSockets and event streams. @default 256 */
  readonly maximumUpstreamConnections?: number | undefined;
  /** Requests that wait for one of those places, and how long. @default 256 and 5_000 */
  readonly maximumQueued?: number | undefined;
  readonly queuePatience?: number | undefined;
  /** Of a request's body, in bytes. @default 1 GiB */
  readonly maximumBody?: number | undefined;
  /** A request's body is taken in before an upstream is asked. @default true */
  readonly buffersRequests?: boolean | undefined;
  /** Bytes of temporary files, all together. @default 1 GiB */
  readonly temporaryFiles?: number | undefined;
  /** How long a visitor may take nothing of an answer. @default 60_000 */
  readonly sendTimeout?: number | undefined;
  /** A GET or HEAD that an old upstream fails is asked of one that runs the current release. @default false */
  readonly heals?: boolean | undefined;
  /** Proxies in front, whose `X-Forwarded-*` and `Forwarded` are believed. */
  readonly trusted?: readonly AddressRange[] | undefined;
  /** Asked of each upstream every `healthEvery`. Undefined: only visitors' requests tell who can be reached. */
  readonly healthPath?: string | undefined;
  /** Upstreams are asked for their release once, so that it is known before the first deploy. @default true */
  readonly asksAtStart?: boolean | undefined;
  /** So many checks in a row change what is thought of an upstream. @default 1 for both */
  readonly healthyAfter?: number | undefined;
  readonly unhealthyAfter?: number | undefined;
  /** @default 5_000 */
  readonly healthEvery?: number | undefined;
  /** How long requests may take to end when the gateway is to end. @default 25_000 */
  readonly drain?: number | undefined;
}

export interface UpstreamAddress {
  /** Such as `http://127.0.0.1:8000`, `https://10.0.0.1` or `unix:/run/app.sock`. */
  readonly origin: string;
  /** Its release, for an upstream that does not say it. */
  readonly release?: string | undefined;
}

export interface ListenAddress {
  /** Left out: every address of the machine. */
  readonly host?: string | undefined;
  /** 0: any free one. */
  readonly port: number;
  /** A socket that listens already, as systemd hands it over. The rest does not count then. */
  readonly descriptor?: number | undefined;
}

/** In PEM. */
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
