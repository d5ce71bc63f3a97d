import type { Clock } from "../../core/ports.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Folder } from "./folder.ts";
import { toPublication, toSituation, type Publication } from "./published-state.ts";

/** Keeps what is published up to date. */
export interface Publisher {
  readonly published: Publication;
  /** Starts watching. Resolves when the folder is written. */
  start(): Promise<void>;
  /** Resolves when the folder's files are withdrawn. */
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly intermission: Intermission;
  readonly clock: Clock;
  /** Whether errors without a release are masked now. */
  readonly isIntercepting: () => boolean;
  /** Undefined: no files. */
  readonly folder: Folder | undefined;
  /** Called when interception begins or ends. Must not throw. */
  readonly onChange: (published: Publication) => void;
}

/** Between checks of what is known; reads nothing. Milliseconds. */
const lookEvery = 250;
/**
 * Even without a change, so that the publication does not expire, and the expected return is updated.
 * Milliseconds.
 */
const renewEvery = 10_000;

/** Publishes the state, and again on each change. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { intermission, clock, isIntercepting, folder, onChange } = options;
  let closed = false;
  let cancel: (() => void) | undefined;
  let writing: Promise<void> | undefined;
  let key = "";
  let renewedAt = clock.now();
  let published = renew();

  function renew(): Publication {
    const situation = toSituation(intermission, isIntercepting());
    key = keyOf(situation);
    renewedAt = clock.now();
    return toPublication(intermission, situation);
  }

  function keyOf(situation: Publication["situation"]): string {
    return JSON.stringify([situation, intermission.known?.state.manual]);
  }

  async function write(): Promise<void> {
    // The last write must be the newest, so no write may overtake another.
    let last: Publication | undefined;
    while (folder !== undefined && last !== published && !closed) {
      last = published;
      try {
        await folder.publish(published);
      } catch (error) {
        intermission.warn({
          code: "publish-failed",
          message: `What is published could not be written, so its files are out of date: ${reasonOf(error)}`,
          error,
        });
      }
    }
  }

  function look(): void {
    const changed = keyOf(toSituation(intermission, isIntercepting())) !== key;
    if (changed || clock.now() - renewedAt >= renewEvery) {
      const before = published.situation.active;
      published = renew();
      if (published.situation.active !== before) onChange(published);
      writing ??= write().finally(() => (writing = undefined));
    }
    cancel = clock.after(lookEvery, look);
  }

  return {
    get published() {
      return published;
    },
    async start() {
      writing = write().finally(() => (writing = undefined));
      await writing;
      if (!closed) cancel = clock.after(lookEvery, look);
    },
    async close() {
      closed = true;
      cancel?.();
      await writing;
      try {
        await folder?.withdraw();
      } catch {
        // The folder is already gone.
      }
    },
  };
}
