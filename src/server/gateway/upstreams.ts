import { Pool } from "undici";
import type { Clock } from "../../core/ports.ts";
import { isRelease } from "../../core/release.ts";
import { gatewayDefaults, type GatewaySettings, type UpstreamAddress } from "./settings.ts";

/** A server to which requests go. */
export interface Upstream {
  readonly origin: string;
  readonly pool: Pool;
  /** The release that it named last, else the one it was given. Undefined: unknown. */
  readonly release: string | undefined;
  /** As far as is known: a mark, which is never the reason to refuse a request. */
  readonly isUp: boolean;
  /** Its connection could not be opened. */
  refused(): void;
  /** It answered, with this header. */
  answered(release: string | undefined): void;
  /** What a health check found. */
  checked(healthy: boolean): void;
}

export interface Upstreams {
  readonly all: readonly Upstream[];
  /** The next one in turn that is up and not among `tried`, else any that is not. Undefined: all were tried. */
  next(tried: readonly Upstream[]): Upstream | undefined;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** An upstream that refused is left alone for so long, twice as long each further time. Milliseconds. */
const firstPause = 500;
const longestPause = 15_000;

const maximumHeaderSize = 65_536;

/**
 * Who uses a connection in the moment in which the app closes it gets no answer, so that ours is the shorter patience:
 * gunicorn's is 2 s. An app that names its own in `Keep-Alive` is believed. Milliseconds.
 */
const keepAlive = 1500;

export function createUpstreams(settings: GatewaySettings, clock: Clock): Upstreams {
  const all = settings.upstreams.map((address) => createUpstream(address, settings, clock));
  let turn = 0;
  return {
    all,
    next(tried) {
      let instead: Upstream | undefined;
      for (let step = 0; step < all.length; step++) {
        const index = (turn + step) % all.length;
        const upstream = all[index];
        if (upstream === undefined || tried.includes(upstream)) continue;
        if (upstream.isUp) {
          turn = index + 1;
          return upstream;
        }
        instead ??= upstream;
      }
      return instead;
    },
    async close() {
      await Promise.all(all.map(({ pool }) => pool.destroy()));
    },
  };
}

function createUpstream(
  { origin, release }: UpstreamAddress,
  settings: GatewaySettings,
  clock: Clock,
): Upstream {
  const {
    timeout = gatewayDefaults.timeout,
    // Two different ones cost undici two timers a request more.
    idleTimeout = timeout,
    connectTimeout = gatewayDefaults.connectTimeout,
  } = settings;
  const pool = new Pool(origin, {
    connect: { timeout: connectTimeout },
    headersTimeout: timeout,
    bodyTimeout: idleTimeout,
    keepAliveTimeout: keepAlive,
    maxHeaderSize: maximumHeaderSize,
    // One request at a time on a connection: what was sent on one that breaks must never be sent again by itself.
    pipelining: 1,
  });
  let known = release;
  let refusals = 0;
  let downUntil = 0;
  let healthy = true;
  return {
    origin,
    pool,
    get release() {
      return known;
    },
    get isUp() {
      return healthy && (refusals === 0 || clock.now() >= downUntil);
    },
    refused() {
      refusals = Math.min(refusals + 1, 16);
      downUntil = clock.now() + Math.min(firstPause * 2 ** (refusals - 1), longestPause);
    },
    answered(named) {
      refusals = 0;
      if (named !== undefined && isRelease(named)) known = named;
    },
    checked(found) {
      healthy = found;
      if (found) refusals = 0;
    },
  };
}
