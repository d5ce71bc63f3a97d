import type { State } from "../../core/state/state.ts";

/** An instance's local copy of the state. */
export interface Snapshot {
  readonly state: State;
  readonly version: number;
  /** The start of its text, with the write's mark: a server that lost a write assigns its version again. */
  readonly start: string | undefined;
  /** When its read was sent, by the instance's clock. Its age counts from there. */
  readonly sentAt: number;
  /** Instance's clock + this = store's time. Milliseconds. */
  readonly storeOffset: number;
}

/**
 * Keeps a snapshot of the state up to date: in the background, when the store pushes, and when an error needs
 * it.
 */
export interface Watcher {
  /** The newest snapshot, whatever its age. */
  readonly snapshot: Snapshot | undefined;
  /** The last finished read failed. */
  readonly failing: boolean;
  /** Starts watching. Resolves when the first read has been answered, failed or given up. */
  start(): Promise<void>;
  /**
   * For callers that can use a stale snapshot: revalidates in the background, and nobody waits. If the
   * snapshot is older than background reads should allow (after a freeze, or without a background), does
   * {@link Watcher.freshen} instead.
   *
   * @param now By the watcher's clock, if the caller has read it. Likewise in {@link Watcher.freshen}.
   */
  refreshBehind(now?: number): Promise<void> | undefined;
  /** Reads now, or joins the read in flight. Resolves when it was answered, failed or given up. */
  refresh(): Promise<void>;
  /** The same, but never joins a read that may predate this call. */
  refreshAnew(): Promise<void>;
  /**
   * One read, shared by all who wait; each waits at most `readTimeout`. Undefined: no point in waiting,
   * because the snapshot is fresh or the store is known to be down. Never rejects. For a while after each
   * call, background reads keep the snapshot fresh, so that the next calls need not wait.
   */
  freshen(now?: number): Promise<void> | undefined;
  close(): Promise<void>;
}
