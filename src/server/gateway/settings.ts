import type { AddressRange } from "../../core/address-range.ts";

/** What a gateway is started with. Times in milliseconds. */
export interface GatewaySettings {
  /** At least one. */
  readonly upstreams: readonly UpstreamAddress[];
  readonly listen: ListenAddress;
  /** Where health and metrics are told. Undefined: nowhere. */
  readonly control?: ListenAddress | undefined;
  /** The response header, in lower case, by which an upstream says its release. @default "x-release" */
  readonly releaseHeader?: string | undefined;
  /** Leave that header on the answers to visitors. @default false */
  readonly showRelease?: boolean | undefined;
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
  /** Proxies in front, whose `X-Forwarded-*` and `Forwarded` are believed. */
  readonly trusted?: readonly AddressRange[] | undefined;
  /** Asked of each upstream every `healthEvery`. Undefined: only visitors' requests tell who can be reached. */
  readonly healthPath?: string | undefined;
  /** @default 5_000 */
  readonly healthEvery?: number | undefined;
  /** How long requests may take to end when the gateway is to end. @default 25_000 */
  readonly drain?: number | undefined;
}

export interface UpstreamAddress {
  /** Scheme, host and port, such as `http://127.0.0.1:8000`. */
  readonly origin: string;
  /** Its release, for an upstream that does not say it. */
  readonly release?: string | undefined;
}

export interface ListenAddress {
  /** Left out: every address of the machine. */
  readonly host?: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

export const gatewayDefaults = Object.freeze({
  releaseHeader: "x-release",
  timeout: 60_000,
  connectTimeout: 3000,
  idleTimeout: 300_000,
  hold: 0,
  maximumHeld: 1000,
  maximumConnections: 10_000,
  healthEvery: 5000,
  drain: 25_000,
});
