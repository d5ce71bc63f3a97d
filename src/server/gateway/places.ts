import type { Clock } from "../../core/ports.ts";

/** Limits the requests in flight to one upstream, with a short queue for the rest. */
export interface Places {
  readonly taken: number;
  readonly isFull: boolean;
  /** False: all are taken. */
  take(): boolean;
  /** Gives one back; the next in the queue gets it. */
  give(): void;
  /**
   * Calls back once: true with a place, false if none became free in time. The returned function leaves the
   * queue without a call. Undefined: the queue is full.
   */
  wait(called: (taken: boolean) => void): (() => void) | undefined;
}

export interface PlacesOptions {
  readonly maximum: number;
  readonly maximumQueued: number;
  /** Milliseconds in the queue. */
  readonly patience: number;
  readonly clock: Clock;
}

export function createPlaces({ maximum, maximumQueued, patience, clock }: PlacesOptions): Places {
  const queue = new Set<() => void>();
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    get isFull() {
      return taken >= maximum;
    },
    take() {
      if (taken >= maximum) return false;
      taken += 1;
      return true;
    },
    give() {
      const [next] = queue;
      if (next === undefined) taken -= 1;
      else next();
    },
    wait(called) {
      if (queue.size >= maximumQueued) return undefined;
      const leave = (): void => {
        cancel();
        queue.delete(admit);
      };
      const admit = (): void => {
        leave();
        called(true);
      };
      const cancel = clock.after(patience, () => {
        queue.delete(admit);
        called(false);
      });
      queue.add(admit);
      return leave;
    },
  };
}
