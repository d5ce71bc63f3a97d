import type { Clock } from "../../core/ports.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Folder } from "./folder.ts";
import { toPublication, toSituation, type Publication } from "./published-state.ts";

/** Keeps what is published up to date. */
export interface Publisher {
  readonly published: Publication;
  /** Begins to watch what is known. Resolves when the folder has it. */
  start(): Promise<void>;
  /** Resolves when what stands in the folder was taken back. */
  close(): Promise<void>;
}

export interface PublisherOptions {
  readonly intermission: Intermission;
  readonly clock: Clock;
  /** Whether an error without a release is masked now. */
  readonly isIntercepting: () => boolean;
  /** Undefined: nothing is written. */
  readonly folder: Folder | undefined;
  /** Told each time that interception begins or ends. Must not throw. */
  readonly onChange: (published: Publication) => void;
}

/** Between two looks at what is known. Reads nothing. Milliseconds. */
const lookEvery = 250;
/** Also without a change, so that what is published does not run out, and a time of return is told anew. Milliseconds. */
const renewEvery = 10_000;

/** Publishes what is known, and again with each change. */
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
    // What is written last must be the newest, so that one is never overtaken by another.
    let last: Publication | undefined;
    while (folder !== undefined && last !== published && !closed) {
      last = published;
      try {
        await folder.publish(published);
      } catch (error) {
        intermission.warn({
          code: "publish-failed",
          message: `What is published could not be written, so that its files are out of date: ${reasonOf(error)}`,
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
        // The folder has gone before.
      }
    },
  };
}
