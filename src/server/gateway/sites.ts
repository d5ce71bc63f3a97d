import type { Clock } from "../../core/ports.ts";
import { createOldReleases } from "../old-release.ts";
import type { Context, SharedContext } from "./context.ts";
import { reachAny } from "./health.ts";
import { gatewayDefaults, type GatewaySettings, type UpstreamAddress } from "./settings.ts";
import { createUpstreams, type Upstream } from "./upstreams.ts";
import { createWaitingRoom } from "./waiting-room.ts";

/** A request's upstreams, by its host. */
export interface Sites {
  readonly all: readonly Upstream[];
  /** Requests waiting for an upstream. */
  readonly waiting: number;
  /** As in {@link OldReleases}. */
  readonly mismatchFor: number | undefined;
  /** Undefined: not one of our hosts. */
  of(host: string | undefined): Context | undefined;
  /**
   * Switches to other upstreams. What is known about those that stay is kept; requests in flight end where
   * they are.
   */
  change(upstreams: readonly UpstreamAddress[], hosts: GatewaySettings["hosts"]): void;
  /** Sends away all who wait. */
  closeRooms(): void;
  /** Ends every connection. */
  close(): void;
}

export function createSites(settings: GatewaySettings, shared: SharedContext, clock: Clock): Sites {
  const known = new Map<string, Upstream>();
  const { intermission } = shared;
  const oldReleases = createOldReleases(intermission);
  const options = { settings, intermission, heard: oldReleases.heard, clock };
  let isClosed = false;
  let byHost = new Map<string | undefined, Context>();

  function createContext(addresses: readonly UpstreamAddress[]): Context {
    const upstreams = createUpstreams(addresses, known, options);
    const room = createWaitingRoom(settings.maximumHeld ?? gatewayDefaults.maximumHeld, clock, () =>
      reachAny(upstreams.all, shared.connectTimeout),
    );
    if (isClosed) room.close();
    return { ...shared, upstreams, room };
  }

  function change(upstreams: readonly UpstreamAddress[], hosts: GatewaySettings["hosts"]): void {
    const before = byHost;
    byHost = new Map([...(hosts ?? [])].map(([host, addresses]) => [host, createContext(addresses)]));
    if (upstreams.length > 0) byHost.set(undefined, createContext(upstreams));
    const kept = new Set([...byHost.values()].flatMap((context) => context.upstreams.all));
    for (const [origin, upstream] of known) {
      if (kept.has(upstream)) continue;
      known.delete(origin);
      upstream.retire();
    }
    // Waiting requests get another try with their old upstreams, then fail.
    for (const { room } of before.values()) room.close();
  }

  change(settings.upstreams, settings.hosts);

  return {
    get all() {
      return [...known.values()];
    },
    get waiting() {
      return [...byHost.values()].reduce((sum, { room }) => sum + room.size, 0);
    },
    get mismatchFor() {
      return oldReleases.mismatchFor;
    },
    of(host) {
      if (byHost.size === 1) return byHost.get(undefined) ?? byHost.get(nameOf(host));
      return byHost.get(nameOf(host)) ?? byHost.get(undefined);
    },
    change,
    closeRooms() {
      isClosed = true;
      for (const { room } of byHost.values()) room.close();
    },
    close() {
      for (const { agent, release } of known.values()) {
        agent.destroy();
        release.retire();
      }
    },
  };
}

/** Without its port. */
function nameOf(host: string | undefined): string | undefined {
  return host?.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}
