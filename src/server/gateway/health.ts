import { connect } from "node:net";
import type { Clock } from "../../core/ports.ts";
import { gatewayDefaults, type GatewaySettings } from "./settings.ts";
import type { Upstream, Upstreams } from "./upstreams.ts";

/** An upstream that has not answered a check by then is not healthy. Milliseconds. */
const checkWithin = 2000;

/**
 * Asks every upstream for `healthPath`, again and again: one that answers 200 to 399 is healthy. What it says of its
 * release is learnt by the way.
 *
 * @returns what stops it.
 */
export function watchHealth(
  { all }: Upstreams,
  { healthPath, healthEvery = gatewayDefaults.healthEvery }: GatewaySettings,
  releaseHeader: string,
  clock: Clock,
): () => void {
  if (healthPath === undefined) return () => {};
  let stopped = false;
  let cancel = (): void => {};

  async function check(upstream: Upstream): Promise<void> {
    try {
      const { statusCode, headers, body } = await upstream.pool.request({
        path: healthPath ?? "/",
        method: "GET",
        signal: AbortSignal.timeout(checkWithin),
      });
      // Read to a limit, so that the connection can be used again.
      await body.dump({ limit: 65_536 });
      const release = headers[releaseHeader];
      upstream.answered(typeof release === "string" ? release.trim() : undefined);
      upstream.checked(statusCode >= 200 && statusCode < 400);
    } catch {
      upstream.checked(false);
    }
  }

  function round(): void {
    void Promise.all(all.map(check)).then(() => {
      if (!stopped) cancel = clock.after(healthEvery, round);
    });
  }

  round();
  return () => {
    stopped = true;
    cancel();
  };
}

/** Whether a connection to any upstream can be opened. Those to which it can are up again. */
export async function reachAny({ all }: Upstreams, within: number): Promise<boolean> {
  const reached = await Promise.all(all.map((upstream) => reach(upstream, within)));
  return reached.includes(true);
}

function reach(upstream: Upstream, within: number): Promise<boolean> {
  const { hostname, port } = new URL(upstream.origin);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 80 : Number(port) });
    const settle = (reached: boolean): void => {
      socket.destroy();
      if (reached) upstream.answered(undefined);
      resolve(reached);
    };
    socket.setTimeout(within, () => {
      settle(false);
    });
    socket.on("error", () => {
      settle(false);
    });
    socket.on("connect", () => {
      settle(true);
    });
  });
}
