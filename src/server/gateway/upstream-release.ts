import type { Intermission, Representative } from "../../core/intermission.ts";
import type { Clock } from "../../core/ports.ts";
import { currentRelease } from "../../core/state/state.ts";
import { readReleaseHeader } from "../release-header.ts";

/**
 * What is known about an upstream's release, and who hears of it: `instances`, `wait`, `report`, and the log.
 */
export interface UpstreamRelease {
  /** The last one it named, else the one from the settings. Undefined: unknown. */
  readonly id: string | undefined;
  /** Its release is unknown or old, so asking is worthwhile. */
  readonly isOutdated: boolean;
  /** Counts its masked errors. Undefined: nobody knows its release. */
  readonly instance: Representative | undefined;
  /** It answered, with this in its release header. */
  answered(named: string | undefined): void;
  /** Nobody answers at its address. */
  signOff(): void;
  retire(): void;
}

export interface UpstreamReleaseOptions {
  readonly origin: string;
  /** The release from the settings, for an upstream that does not state it. */
  readonly given: string | undefined;
  readonly intermission: Pick<Intermission, "known" | "represent" | "settings">;
  /** Called with each release now and then, to warn about one that is long outdated. */
  readonly heard: (release: string, origin: string) => void;
  readonly clock: Clock;
}

/** Milliseconds between checks for outdated releases. */
const tellEvery = 60_000;

/**
 * Workers of two releases may take turns behind one address. A release unheard for this long is gone.
 * Milliseconds.
 */
const lastsFor = 10_000;
const sweepEvery = 2000;

/** More simultaneous releases behind one address are not told apart. */
const mostAtOnce = 4;

export function createUpstreamRelease(options: UpstreamReleaseOptions): UpstreamRelease {
  const { origin, intermission, heard, clock } = options;
  const instances = new Map<string, { readonly representative: Representative; heardAt: number }>();
  let id = options.given;
  let hasAnswered = false;
  let sentLast: string | undefined;
  let tellAgainAt = 0;
  let instance: Representative | undefined;
  let isSignedOn = false;
  let cancelSweep: (() => void) | undefined;

  const isRecorded = (release: string): boolean =>
    intermission.known?.state.releases.some((recorded) => recorded.id === release) === true;

  /** It is alive, and runs this release. */
  function signOn(): void {
    isSignedOn = true;
    const release = id ?? intermission.settings.release?.id;
    if (release === undefined) return;
    const heardAt = clock.now();
    const known = instances.get(release);
    if (known !== undefined) {
      known.heardAt = heardAt;
      known.representative.signOn();
      instance = known.representative;
    } else if (instances.size < mostAtOnce) {
      instance = intermission.represent({ name: origin, release });
      instances.set(release, { representative: instance, heardAt });
    } else {
      instance = undefined;
    }
    if (instances.size > 1) cancelSweep ??= clock.after(sweepEvery, sweep);
  }

  /** Releases not heard for a while are gone, except the one heard now. */
  function sweep(): void {
    cancelSweep = undefined;
    for (const [release, { representative, heardAt }] of instances) {
      if (representative === instance || clock.now() - heardAt < lastsFor) continue;
      instances.delete(release);
      void representative.close();
    }
    if (instances.size > 1) cancelSweep = clock.after(sweepEvery, sweep);
  }

  return {
    get id() {
      return id;
    },
    get isOutdated() {
      if (!hasAnswered) return true;
      const { known } = intermission;
      const current = known && currentRelease(known.state)?.id;
      return sentLast !== undefined && current !== undefined && current !== id;
    },
    get instance() {
      return instance;
    },
    answered(named) {
      hasAnswered = true;
      const isNew = named !== undefined && named !== sentLast;
      if (isNew) {
        sentLast = named;
        id = readReleaseHeader(named, isRecorded) ?? id;
      }
      if (isNew || !isSignedOn) signOn();
      if (named === undefined || (!isNew && clock.now() < tellAgainAt)) return;
      tellAgainAt = clock.now() + tellEvery;
      if (id !== undefined) heard(id, origin);
    },
    signOff() {
      if (!isSignedOn) return;
      isSignedOn = false;
      for (const { representative } of instances.values()) representative.signOff();
    },
    retire() {
      cancelSweep?.();
      for (const { representative } of instances.values()) void representative.close();
      instances.clear();
      instance = undefined;
    },
  };
}
