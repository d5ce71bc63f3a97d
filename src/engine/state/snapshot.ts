import type { State } from "../../core/state/state.ts";

/** An instance's local copy of the state. */
export interface Snapshot {
  readonly state: State;
  readonly version: number;
  /** How its text begins, with the mark of the write: a server that lost a write gives its version again. */
  readonly start: string | undefined;
  /** When the read that brought it was sent, by the instance's clock: its age counts from there. */
  readonly sentAt: number;
  /** Add it to the instance's clock to get the store's. Milliseconds. */
  readonly storeOffset: number;
}

/** Keeps a snapshot of the state: in the background, when the store pushes, and when an error needs a fresh one. */
export interface Watcher {
  /** The newest snapshot, whatever its age. */
  readonly snapshot: Snapshot | undefined;
  /** The last read that ended has failed. */
  readonly failing: boolean;
  /** Begins to watch. Resolves when the first read was answered, failed or was given up. */
  start(): Promise<void>;
  /**
   * For who has something to go by: reads unless the snapshot is fresh, and nobody waits. A snapshot that is older than
   * the background would have it is no such thing, as after a freeze or where there is no background: then it is
   * {@link Watcher.freshen}.
   *
   * @param now By the watcher's clock, for who has asked it already. So in {@link Watcher.freshen}.
   */
  refreshBehind(now?: number): Promise<void> | undefined;
  /** Reads now, or joins the read under way. Resolves when it was answered, failed or was given up. */
  refresh(): Promise<void>;
  /** The same, but never joins a read that may have been answered from before this call. */
  refreshAnew(): Promise<void>;
  /**
   * One read, shared by all who wait for it; each waits for at most `readTimeout`. Undefined: waiting is of no use,
   * since the snapshot is fresh, or the store is known not to answer. Never rejects. For a while after each call the
   * background keeps the snapshot fresh, so that the next calls need not wait.
   */
  freshen(now?: number): Promise<void> | undefined;
  close(): Promise<void>;
}
