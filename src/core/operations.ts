import type { ManualStatus } from "./state/manual-status.ts";
import type { Change, OpenDeploy, RecordedRelease, StoredMode } from "./state/state.ts";
import type { DeployOutcome } from "./state/deploys.ts";
import type { SwitchOn } from "./state/manual.ts";
import type { RecordOutcome } from "./state/releases.ts";

export interface CreateReleaseResult {
  readonly release: string;
  readonly outcome: RecordOutcome;
  /** The release that is current now. */
  readonly currentRelease: string;
  /** The release that was current before. null: none was. */
  readonly previousRelease: string | null;
}

export interface RollbackResult {
  readonly release: string;
  readonly outcome: "rolled-back" | "already-current";
  /** The release that was current before. */
  readonly previousRelease: string;
}

/**
 * How long an operation waits before it resolves: until every instance knows what was written (true), not at
 * all (false), or so many milliseconds, for instances with longer settings of their own.
 * @default true
 */
export interface WaitOption {
  readonly wait?: boolean | number;
}

export interface OpenDeployOptions extends WaitOption {
  /** @default this instance's own */
  readonly release?: string | undefined;
  /** Milliseconds for which the deploy counts as alive without {@link Operations.renewDeploy}. */
  readonly lease: number;
  /** Ends a deploy that is open, whoever opened it. @default false */
  readonly takeOver?: boolean;
  /**
   * Milliseconds that it is said to take, from 1 s to 1 d: what visitors are told, until it is over.
   * @default the median of the last deploys
   */
  readonly takes?: number | undefined;
}

export interface OpenDeployResult {
  /** By which it is renewed and closed. */
  readonly id: string;
  readonly release: string;
  readonly outcome: RecordOutcome;
  readonly previousRelease: string | null;
  /** The store's time, in milliseconds since 1970, like the one that follows. */
  readonly openedAt: number;
  readonly leaseUntil: number;
  /** A deploy from before that was never closed. */
  readonly lost: OpenDeploy | null;
  /** A deploy that this one has ended. */
  readonly takenOver: OpenDeploy | null;
}

export interface CloseDeployOptions extends WaitOption {
  /** Left out: whichever is open. */
  readonly id?: string | undefined;
  /** Refuses a deploy of another release. */
  readonly release?: string | undefined;
  readonly outcome: DeployOutcome;
  /** Makes the release current again that was so before. @default false */
  readonly restore?: boolean;
  /** For the history, such as `exit 1`. */
  readonly note?: string | undefined;
}

export interface CloseDeployResult {
  readonly release: string;
  readonly outcome: DeployOutcome;
  /** The store's time, in milliseconds since 1970. */
  readonly openedAt: number;
  readonly closedAt: number;
  /** Before `closedAt`: the lease had run out, and errors were regular from then on. */
  readonly leaseUntil: number;
  /** null: unknown. */
  readonly openedBy: string | null;
  /** What was current before the deploy. null: nothing, or the same. */
  readonly previousRelease: string | null;
  readonly currentRelease: string;
  /** null: nothing was restored. */
  readonly restoredRelease: string | null;
}

export interface SwitchOnResult {
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
  /** The mode that held until then. */
  readonly previousMode: StoredMode;
  readonly manual: ManualStatus;
  /** Lets its holder past the page. A secret. */
  readonly bypass: {
    readonly token: string;
    /** When it ends, if not sooner by `switchOff` or the next `switchOn`. */
    readonly until: number;
  };
}

export interface SwitchOffResult {
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
  /** `auto`: it was off already. */
  readonly previousMode: StoredMode;
}

/** Everything by which a deploy or an operator changes what the store says. Each rejects when it could not be done. */
export interface Operations {
  /**
   * Records a release as current; without an id, this instance's own.
   *
   * @throws IntermissionError `no-release`, `bad-release`, `store-failed` …
   */
  createRelease(id?: string, options?: WaitOption): Promise<CreateReleaseResult>;

  /**
   * Makes an earlier release current again; without an id, the one that was current before.
   *
   * @throws IntermissionError `unknown-release`, `no-earlier-release`, `store-failed` …
   */
  rollback(id?: string, options?: WaitOption): Promise<RollbackResult>;

  /** Newest first, the current one at the front. */
  releases(): Promise<readonly RecordedRelease[]>;

  /**
   * Records a release and opens its deploy: until it is closed or its lease ends, errors of every instance are masked.
   *
   * @throws IntermissionError `deploy-open`, `known-release`, `no-release`, `bad-release`, `bad-option`, `store-failed` …
   */
  openDeploy(options: OpenDeployOptions): Promise<OpenDeployResult>;

  /**
   * @param lease Milliseconds from now.
   * @throws IntermissionError `deploy-gone`, `store-failed` …
   */
  renewDeploy(id: string, lease: number): Promise<{ readonly leaseUntil: number }>;

  /** @throws IntermissionError `deploy-gone`, `store-failed` … */
  closeDeploy(options: CloseDeployOptions): Promise<CloseDeployResult>;

  /**
   * Turns manual mode on for all instances, in place of what was set before. `wait` is longer for `closed`, which an
   * instance may learn only with its next read in the background (`refreshEvery`).
   *
   * @throws IntermissionError `bad-option`, `store-failed` …
   */
  switchOn(options: SwitchOn & WaitOption): Promise<SwitchOnResult>;

  /** Turns manual mode off: the releases decide again. What is off already is left alone. */
  switchOff(options?: WaitOption): Promise<SwitchOffResult>;

  /** What was changed, by whom and when, the newest first. */
  history(): Promise<readonly Change[]>;
}
