import { isIntermissionError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";

/** How long a deploy stays alive without a renewal, and how often it is renewed. Milliseconds. */
export const lease = 30_000;
const renewEvery = 5000;
/** After a failed renewal. */
const tryAgainAfter = 1000;

export interface LeaseOptions {
  readonly clock: Clock;
  renew(): Promise<unknown>;
  /** Called once, however often it fails. */
  onFailure(error: unknown): void;
  /** Called when there is nothing left to renew, because the deploy was closed or taken over. */
  onGone(error: Error): void;
}

/** Renews a deploy's lease until the returned function is called. Never rejects, and ends nothing. */
export function keepLease({ clock, renew, onFailure, onGone }: LeaseOptions): () => void {
  let stopped = false;
  let failed = false;
  let cancel = clock.after(renewEvery, again);

  async function once(): Promise<number | undefined> {
    try {
      await renew();
      return renewEvery;
    } catch (error) {
      if (stopped) return undefined;
      if (isIntermissionError(error) && error.code === "deploy-gone") {
        onGone(error);
        return undefined;
      }
      if (!failed) onFailure(error);
      failed = true;
      return tryAgainAfter;
    }
  }

  function again(): void {
    void once().then((next) => {
      if (!stopped && next !== undefined) cancel = clock.after(next, again);
    });
  }

  return () => {
    stopped = true;
    cancel();
  };
}
