import type { Store, StoreRecord } from "../../src/core/ports.ts";
import { emptyState, encodeState } from "../../src/core/state/state.ts";

/** A record in which a release is current. */
export const record = (version: number, id: string): StoreRecord => ({
  version,
  value: encodeState({ ...emptyState, releases: [{ id, at: 0 }] }),
});

/** A store whose reads are answered by hand. */
export function scriptedStore() {
  const reads: {
    readonly knownVersion: number | undefined;
    answer(record: StoreRecord): Promise<void>;
    fail(error: Error): Promise<void>;
  }[] = [];
  let changed: (() => void) | undefined;
  let pushFailure: Error | undefined;
  let watches = 0;
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return {
    reads,
    /** The last read sent. */
    get last() {
      const read = reads.at(-1);
      if (read === undefined) throw new Error("nothing was read");
      return read;
    },
    /** How often it was asked to push. */
    get watches() {
      return watches;
    },
    async push() {
      changed?.();
      await settled();
    },
    /** Later pushes are lost. */
    async silence() {
      changed = undefined;
      await settled();
    },
    refusePush(error: Error | undefined) {
      pushFailure = error;
    },
    settled,
    store: {
      read(_app, knownVersion) {
        return new Promise((resolve, reject) => {
          reads.push({
            knownVersion,
            answer: (answer) => (resolve(answer), settled()),
            fail: (error) => (reject(error), settled()),
          });
        });
      },
      write: () => Promise.resolve(false),
      watch(_app, callback) {
        watches++;
        if (pushFailure !== undefined) return Promise.reject(pushFailure);
        changed = callback;
        return Promise.resolve(() => {
          changed = undefined;
          return Promise.resolve();
        });
      },
      close: () => Promise.resolve(),
    } satisfies Store as Store,
  };
}
