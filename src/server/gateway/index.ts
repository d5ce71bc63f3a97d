import { once } from "node:events";
import type { Server as NetServer } from "node:net";
import { systemClock } from "../../core/runtime.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Clock } from "../../core/ports.ts";
import { createStorage } from "./backlog.ts";
import type { SharedContext } from "./context.ts";
import { createControl, toStatus, type GatewayStatus } from "./control.ts";
import { createCounts, type Counts } from "./counts.ts";
import { createFlusher } from "./flusher.ts";
import { watchHealth } from "./health.ts";
import { createListener } from "./listener.ts";
import { gatewayDefaults, type GatewaySettings, type ListenAddress } from "./settings.ts";
import { createSites } from "./sites.ts";

export { openAccessLog, type AccessLog } from "./access-log.ts";
export type { Certificate, GatewaySettings, ListenAddress, UpstreamAddress } from "./settings.ts";
export { gatewayDefaults } from "./settings.ts";

/** A running reverse proxy. */
export interface Gateway {
  /** Where it listens. */
  readonly url: string;
  /** Undefined: none. */
  readonly controlUrl: string | undefined;
  readonly counts: Readonly<Counts>;
  status(): GatewayStatus;
  /**
   * Switches to other upstreams, and to another certificate if given, from the next request and connection
   * on. Requests in flight are not affected.
   *
   * @throws Error of OpenSSL if the certificate is invalid; then nothing changes.
   */
  change(changed: Pick<GatewaySettings, "upstreams" | "hosts" | "certificate">): void;
  /**
   * Accepts no more connections, gives requests in flight some time to finish, and ends the rest. The
   * intermission stays open: its maker closes it. A second call ends the rest at once.
   */
  close(): Promise<void>;
}

/** Bodies waiting in memory: all together, and of one request and one answer. Bytes. */
const maximumMemory = 134_217_728;
const bodyMemory = 65_536;
const answerMemory = 262_144;

/**
 * Starts a gateway: it forwards requests to upstreams, and judges their errors and failures by the upstream's
 * release.
 *
 * @throws Error of `node:net`, such as EADDRINUSE, if it can't listen.
 */
export async function startGateway(
  settings: GatewaySettings,
  intermission: Intermission,
  clock: Clock = systemClock,
): Promise<Gateway> {
  const {
    timeout = gatewayDefaults.timeout,
    connectTimeout = gatewayDefaults.connectTimeout,
    idleTimeout = gatewayDefaults.idleTimeout,
    hold = gatewayDefaults.hold,
    drain = gatewayDefaults.drain,
    releaseHeader = gatewayDefaults.releaseHeader,
  } = settings;
  const counts = createCounts();
  const sizes = [...(settings.hosts?.values() ?? []), settings.upstreams].map(({ length }) => length);
  const shared: SharedContext = {
    intermission,
    counts,
    flusher: createFlusher(),
    clock,
    head: { releaseHeader, showRelease: settings.showRelease ?? false },
    storage: createStorage(maximumMemory, settings.temporaryFiles ?? gatewayDefaults.temporaryFiles),
    bodyLimits: { memory: bodyMemory, file: settings.buffersRequests === false ? 0 : Infinity },
    answerLimits: { memory: answerMemory, file: Infinity },
    maximumBody: settings.maximumBody ?? gatewayDefaults.maximumBody,
    buffersRequests: settings.buffersRequests ?? true,
    heals: settings.heals ?? false,
    hold,
    connectTimeout,
    timeout,
    answerIdleTimeout: settings.idleTimeout ?? timeout,
    idleTimeout,
    sendTimeout: settings.sendTimeout ?? gatewayDefaults.sendTimeout,
    // While an upstream thinks, the silence is not the visitor's.
    silence: Math.max(idleTimeout, timeout + hold + connectTimeout * Math.max(...sizes) + 5000),
  };
  const sites = createSites(settings, shared, clock);
  const listener = createListener(shared, {
    trusted: settings.trusted ?? [],
    maximumConnections: settings.maximumConnections ?? gatewayDefaults.maximumConnections,
    headerTimeout: settings.headerTimeout ?? gatewayDefaults.headerTimeout,
    certificate: settings.certificate,
    accessLog: settings.accessLog,
    contextOf: sites.of,
  });
  let closing: Promise<void> | undefined;
  let hurry = (): void => {};
  const control =
    settings.control === undefined
      ? undefined
      : createControl(
          () => Promise.resolve(toStatus(counts, sites, shared.storage)),
          () => closing !== undefined,
        );

  try {
    await listen(listener.server, settings.listen);
    if (control !== undefined && settings.control !== undefined) await listen(control, settings.control);
  } catch (error) {
    listener.server.close();
    control?.close();
    sites.close();
    throw error;
  }
  const stopHealth = watchHealth({ ...settings, releaseHeader, clock, upstreams: () => sites.all });

  async function shut(): Promise<void> {
    sites.closeRooms();
    const enough = new Promise<void>((resolve) => (hurry = resolve));
    const cancel = clock.after(drain, hurry, { ref: true });
    await Promise.race([listener.drained(), enough]);
    cancel();
    stopHealth();
    listener.destroy();
    control?.closeAllConnections();
    control?.close();
    sites.close();
  }

  return {
    url: urlOf(listener.server, settings.certificate === undefined ? "http" : "https"),
    controlUrl: control && urlOf(control, "http"),
    counts,
    status: () => toStatus(counts, sites, shared.storage),
    change(changed) {
      if (changed.certificate !== undefined) listener.renew(changed.certificate);
      sites.change(changed.upstreams, changed.hosts);
    },
    close() {
      hurry();
      return (closing ??= shut());
    },
  };
}

/** @throws Error of `node:net`, such as EADDRINUSE. */
export async function listen(server: NetServer, { host, port, descriptor }: ListenAddress): Promise<void> {
  if (descriptor === undefined) server.listen({ port, ...(host === undefined ? {} : { host }) });
  else server.listen({ fd: descriptor });
  await once(server, "listening");
}

export function urlOf(server: NetServer, protocol: string): string {
  const at = server.address();
  // systemd may pass a socket of another kind.
  if (at === null || typeof at === "string") return `unix:${at ?? ""}`;
  const { address, family, port } = at;
  const isAny = address === "::" || address === "0.0.0.0";
  const host = isAny ? "localhost" : family === "IPv6" ? `[${address}]` : address;
  return `${protocol}://${host}:${String(port)}`;
}
