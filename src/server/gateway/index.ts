import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../core/clock.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Clock } from "../../core/ports.ts";
import type { Context } from "./context.ts";
import { createControl } from "./control.ts";
import { createCounts, type Counts } from "./counts.ts";
import { createFlusher } from "./flusher.ts";
import { reachAny, watchHealth } from "./health.ts";
import { createListener } from "./listener.ts";
import { gatewayDefaults, type GatewaySettings, type ListenAddress } from "./settings.ts";
import { createUpstreams } from "./upstreams.ts";
import { createWaitingRoom } from "./waiting-room.ts";

export type { GatewaySettings, ListenAddress, UpstreamAddress } from "./settings.ts";
export { gatewayDefaults } from "./settings.ts";

/** A reverse proxy at work. */
export interface Gateway {
  /** Where it listens. */
  readonly url: string;
  /** Undefined: nowhere. */
  readonly controlUrl: string | undefined;
  readonly counts: Readonly<Counts>;
  /**
   * Takes no more connections, lets requests under way end for a while, and ends the rest. The intermission stays open:
   * it is its maker's. Called once more, it ends the rest at once.
   */
  close(): Promise<void>;
}

/**
 * Starts a gateway: it passes requests on to upstreams, and judges their errors, and their absence, by the release of
 * the upstream.
 *
 * @throws Error of `node:net`, such as EADDRINUSE, when it can't listen.
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
  const upstreams = createUpstreams(settings, clock);
  const context: Context = {
    intermission,
    upstreams,
    room: createWaitingRoom(settings.maximumHeld ?? gatewayDefaults.maximumHeld, clock, () =>
      reachAny(upstreams, connectTimeout),
    ),
    counts: createCounts(),
    flusher: createFlusher(),
    clock,
    head: { releaseHeader, showRelease: settings.showRelease ?? false },
    hold,
    idleTimeout,
  };
  const listener = createListener(context, {
    trusted: settings.trusted ?? [],
    maximumConnections: settings.maximumConnections ?? gatewayDefaults.maximumConnections,
    // Silence while an upstream thinks is not the visitor's.
    silence: Math.max(idleTimeout, timeout + hold + connectTimeout * upstreams.all.length + 5000),
  });
  let closing: Promise<void> | undefined;
  let hurry = (): void => {};
  const control =
    settings.control === undefined ? undefined : createControl(context, () => closing !== undefined);

  try {
    await listen(listener.server, settings.listen);
    if (control !== undefined && settings.control !== undefined) await listen(control, settings.control);
  } catch (error) {
    listener.server.close();
    control?.close();
    await upstreams.close();
    throw error;
  }
  const stopHealth = watchHealth(upstreams, settings, releaseHeader, clock);

  async function shut(): Promise<void> {
    context.room.close();
    const enough = new Promise<void>((resolve) => (hurry = resolve));
    const cancel = clock.after(drain, hurry, { ref: true });
    await Promise.race([listener.drained(), enough]);
    cancel();
    stopHealth();
    listener.destroy();
    control?.closeAllConnections();
    control?.close();
    await upstreams.close();
  }

  return {
    url: urlOf(listener.server),
    controlUrl: control && urlOf(control),
    counts: context.counts,
    close() {
      hurry();
      return (closing ??= shut());
    },
  };
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  server.listen({ port, ...(host === undefined ? {} : { host }) });
  await once(server, "listening");
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  const isAny = address === "::" || address === "0.0.0.0";
  const host = isAny ? "localhost" : family === "IPv6" ? `[${address}]` : address;
  return `http://${host}:${String(port)}`;
}
