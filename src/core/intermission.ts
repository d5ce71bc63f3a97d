import type { Facts, Verdict } from "./decide.ts";
import type { MaskedError, Warning } from "./options.ts";
import type { Operations } from "./operations.ts";
import type { Page, Visit } from "./ports.ts";
import type { Settings } from "./settings.ts";
import type { StoredMode } from "./state.ts";

export interface Status {
  readonly app: string;
  /** null: unknown. */
  readonly instanceRelease: string | null;
  /** null: none is recorded. */
  readonly currentRelease: string | null;
  /** Manual mode of this instance counts as `errors`. */
  readonly mode: StoredMode;
  /** What a server error would become here and now. */
  readonly verdict: Verdict["verdict"];
  readonly reason: Verdict["reason"];
  /** null: none is open. */
  readonly deploy: DeployStatus | null;
}

export interface DeployStatus {
  readonly release: string;
  /** Who opened it. null: unknown. */
  readonly by: string | null;
  /** The store's time, in milliseconds since 1970, like the one that follows. */
  readonly openedAt: number;
  readonly leaseUntil: number;
  /** Milliseconds. 0: it was never closed and its lease ran out, so that it counts as lost and masks nothing. */
  readonly leaseLeft: number;
}

/**
 * An intermission at work in one process: it knows this instance's release, watches the store and judges errors.
 * Made by `createIntermission`.
 */
export interface Intermission extends Operations {
  readonly settings: Settings;

  /**
   * Resolves when the page is loaded and the store was read for the first time, or could not be. Never rejects: an app
   * must start even when its store is down.
   */
  ready(): Promise<void>;

  /** The verdict on a response. Waits for the store at most `readTimeout`. Facts left out: a plain 500. */
  decide(facts?: Partial<Facts>): Promise<Verdict>;

  /** Asks the store, and rejects when it does not answer. */
  status(): Promise<Status>;

  /** Stops watching and closes the store if it was opened here. May be called twice. */
  close(): Promise<void>;

  /**
   * For adapters: {@link decide} without a promise where the verdict is certain at once. The promise never rejects.
   */
  judge(facts: Facts): Verdict | Promise<Verdict>;

  /** For adapters: the page for a visit, after {@link judge} said `maintenance`. Never throws. */
  page(visit: Visit): Page;

  /** For adapters: counts a masked error for the report, and tells `onMasked`. Never throws. */
  masked(masked: Omit<MaskedError, "instanceRelease" | "currentRelease">): void;

  /** For adapters: what the `skip` option says of the framework's request. Never throws. */
  skips(request: unknown): boolean;

  /** For adapters: says each warning at most once a minute. Never throws. */
  warn(warning: Warning): void;
}
