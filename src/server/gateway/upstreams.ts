import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../core/ports.ts";
import { createPlaces, type Places } from "./places.ts";
import {
  createUpstreamRelease,
  type UpstreamRelease,
  type UpstreamReleaseOptions,
} from "./upstream-release.ts";
import { gatewayDefaults, type GatewaySettings, type UpstreamAddress } from "./settings.ts";

/** A server to which requests go. */
export interface Upstream {
  /** As given, such as `http://127.0.0.1:8000` or `unix:/run/app.sock`. */
  readonly origin: string;
  readonly protocol: "http:" | "https:";
  readonly connection: UpstreamConnection;
  readonly agent: HttpAgent;
  readonly places: Places;
  readonly release: UpstreamRelease;
  /** Only a hint: never a reason to refuse a request. */
  readonly isUp: boolean;
  /** No connection could be opened. */
  refused(): void;
  /** A connection was opened. */
  reached(): void;
  /** It answered, with this in its release header. */
  answered(release: string | undefined): void;
  /** The result of a health check. */
  checked(healthy: boolean): void;
  /** No longer asked: idle connections are closed now, others after their answer. */
  retire(): void;
}

/** Where a connection leads: to a host and a port, or to a Unix socket. */
export interface UpstreamConnection {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly socketPath: string | undefined;
}

export interface Upstreams {
  readonly all: readonly Upstream[];
  /**
   * The next in turn that is up, has a place and is not in `tried`, else any not in `tried`. Undefined: all
   * were tried.
   */
  next(tried: readonly Upstream[]): Upstream | undefined;
  /** One that is up, not in `tried`, and runs this release. */
  running(release: string, tried: readonly Upstream[]): Upstream | undefined;
}

/** How long an upstream that refused is left alone; doubles each time. Milliseconds. */
const firstPause = 500;
const longestPause = 15_000;

/**
 * A request that arrives as the app closes an idle connection gets no answer, so we close first: gunicorn
 * waits 2 s. If an app states its time in `Keep-Alive`, we use that, less a second. Milliseconds.
 */
const keepAlive = 1500;
const longestKeepAlive = 600_000;

/** What a gateway's upstreams share. */
export interface UpstreamsOptions {
  readonly settings: GatewaySettings;
  readonly intermission: UpstreamReleaseOptions["intermission"];
  readonly heard: UpstreamReleaseOptions["heard"];
  readonly clock: Clock;
}

/** @param known Existing ones by origin: what is known about them is kept, and new ones are added. */
export function createUpstreams(
  addresses: readonly UpstreamAddress[],
  known: Map<string, Upstream>,
  options: UpstreamsOptions,
): Upstreams {
  const all = addresses.map((address) => {
    const upstream = known.get(address.origin) ?? createUpstream(address, options);
    known.set(address.origin, upstream);
    return upstream;
  });
  let turn = 0;
  return {
    all,
    next(tried) {
      let instead: Upstream | undefined;
      for (let step = 0; step < all.length; step++) {
        const index = (turn + step) % all.length;
        const upstream = all[index];
        if (upstream === undefined || tried.includes(upstream)) continue;
        if (upstream.isUp && !upstream.places.isFull) {
          turn = index + 1;
          return upstream;
        }
        if (instead === undefined || (upstream.isUp && !instead.isUp)) instead = upstream;
      }
      return instead;
    },
    running: (release, tried) =>
      all.find((upstream) => upstream.release.id === release && upstream.isUp && !tried.includes(upstream)),
  };
}

function createUpstream(address: UpstreamAddress, options: UpstreamsOptions): Upstream {
  const { settings, clock } = options;
  const connection = toConnection(address.origin);
  const protocol = address.origin.startsWith("https:") ? "https:" : "http:";
  const agent = createAgent(protocol, connection, settings);
  const { healthyAfter = 1, unhealthyAfter = 1 } = settings;
  const release = createUpstreamRelease({
    ...{ origin: address.origin, given: address.release, clock },
    ...{ intermission: options.intermission, heard: options.heard },
  });
  /** How many checks in a row contradicted its current health. */
  let contrary = 0;
  let refusals = 0;
  let downUntil = 0;
  let healthy = true;
  return {
    origin: address.origin,
    protocol,
    connection,
    agent,
    places: createPlaces({
      maximum: settings.maximumUpstreamConnections ?? gatewayDefaults.maximumUpstreamConnections,
      maximumQueued: settings.maximumQueued ?? gatewayDefaults.maximumQueued,
      patience: settings.queuePatience ?? gatewayDefaults.queuePatience,
      clock,
    }),
    release,
    get isUp() {
      return healthy && (refusals === 0 || clock.now() >= downUntil);
    },
    refused() {
      refusals = Math.min(refusals + 1, 16);
      downUntil = clock.now() + Math.min(firstPause * 2 ** (refusals - 1), longestPause);
      release.signOff();
    },
    reached() {
      refusals = 0;
    },
    answered(named) {
      refusals = 0;
      release.answered(named);
    },
    checked(found) {
      if (found) refusals = 0;
      contrary = found === healthy ? 0 : contrary + 1;
      if (contrary === 0 || contrary < (found ? healthyAfter : unhealthyAfter)) return;
      contrary = 0;
      healthy = found;
      if (!healthy) release.signOff();
    },
    retire() {
      release.retire();
      agent.keepSocketAlive = () => false;
      for (const sockets of Object.values(agent.freeSockets))
        for (const socket of sockets ?? []) socket.destroy();
    },
  };
}

function toConnection(origin: string): UpstreamConnection {
  if (origin.startsWith("unix:")) {
    return { host: undefined, port: undefined, socketPath: origin.slice("unix:".length) };
  }
  const { hostname, port, protocol } = new URL(origin);
  const fallback = protocol === "https:" ? 443 : 80;
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? fallback : Number(port),
    socketPath: undefined,
  };
}

/** Node's types leave out the result: https://nodejs.org/api/http.html#agentkeepsocketalivesocket */
type KeepingAgent = HttpAgent & { keepSocketAlive(socket: Duplex): boolean };

function createAgent(
  protocol: Upstream["protocol"],
  connection: UpstreamConnection,
  { upstreamAuthority }: GatewaySettings,
): KeepingAgent {
  const options: AgentOptions = {
    keepAlive: true,
    scheduling: "lifo",
    maxFreeSockets: gatewayDefaults.maximumUpstreamConnections,
    noDelay: true,
  };
  const agent = (
    protocol === "http:"
      ? new HttpAgent(options)
      : new HttpsAgent({
          ...options,
          ...(upstreamAuthority === undefined ? {} : { ca: upstreamAuthority }),
          // By the address, not the visitor's Host.
          ...(connection.host !== undefined && isIP(connection.host) === 0
            ? { servername: connection.host }
            : {}),
        })
  ) as KeepingAgent;
  agent.keepSocketAlive = (socket) => {
    if (!(socket instanceof Socket)) return false;
    socket.unref();
    socket.setTimeout(keepAliveTimes.get(socket) ?? keepAlive);
    return true;
  };
  return agent;
}

/** What the upstream itself said about a connection. Milliseconds. */
const keepAliveTimes = new WeakMap<Duplex, number>();

/** https://datatracker.ietf.org/doc/html/draft-thomson-hybi-http-timeout-03#section-2.1 */
export function noteKeepAlive(socket: Duplex, value: string): void {
  const seconds = Number(/\btimeout=(\d{1,6})\b/i.exec(value)?.[1]);
  if (!Number.isFinite(seconds)) return;
  const time = Math.max(seconds * 1000 - 1000, seconds * 500, 1);
  keepAliveTimes.set(socket, Math.min(time, longestKeepAlive));
}
