import { boundedMap } from "../../core/bounded-map.ts";
import type { Clock } from "../../core/ports.ts";

/** Which release answers at which upstream address. */
export interface Upstreams {
  /** Records an answer that carried its release. */
  learn(address: string, release: string): void;
  /** The registered release, else the learnt one. */
  releaseOf(address: string): { readonly release: string; readonly learnt: boolean } | undefined;
}

export interface UpstreamsOptions {
  readonly registered: ReadonlyMap<string, string>;
  /** False: learns nothing. */
  readonly learning: boolean;
  readonly clock: Clock;
}

const maximumLearnt = 1000;
/** Milliseconds. */
const forgetAfter = 3_600_000;

export function createUpstreams({ registered, learning, clock }: UpstreamsOptions): Upstreams {
  const learnt = boundedMap<string, { readonly release: string; readonly at: number }>(maximumLearnt);
  return {
    learn(address, release) {
      if (!learning) return;
      learnt.set(address, { release, at: clock.now() });
    },
    releaseOf(address) {
      const release = registered.get(address);
      if (release !== undefined) return { release, learnt: false };
      const heard = learnt.get(address);
      if (heard === undefined || clock.now() - heard.at >= forgetAfter) return undefined;
      return { release: heard.release, learnt: true };
    },
  };
}
