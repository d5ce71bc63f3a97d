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
  /** null: there was none. */
  readonly previousRelease: string | null;
}

export interface RollbackResult {
  readonly release: string;
  readonly outcome: "rolled-back" | "already-current";
  /** The release that was current before. */
  readonly previousRelease: string;
}

/**
 * How long an operation waits before it resolves. true: until every instance knows the change. false: not at
 * all. A number: that many milliseconds, for instances whose settings make them slower to notice.
 * @default true
 */
export interface WaitOption {
  readonly wait?: boolean | number;
}

export interface OpenDeployOptions extends WaitOption {
  /** @default this instance's own */
  readonly release?: string | undefined;
  /** Milliseconds the deploy stays alive without {@link Operations.renewDeploy}. */
  readonly lease: number;
  /** Ends an open deploy, whoever opened it. @default false */
  readonly takeOver?: boolean;
  /**
   * Milliseconds the deploy is expected to take, from 1 s to 1 d. Visitors are told this.
   * @default the median of the last deploys
   */
  readonly takes?: number | undefined;
}

export interface OpenDeployResult {
  /** Renews and closes the deploy. */
  readonly id: string;
  readonly release: string;
  readonly outcome: RecordOutcome;
  readonly previousRelease: string | null;
  /** The store's time, in milliseconds since 1970; so is the next. */
  readonly openedAt: number;
  readonly leaseUntil: number;
  /** An earlier deploy that was never closed. */
  readonly lost: OpenDeploy | null;
  /** A deploy that this one ended. */
  readonly takenOver: OpenDeploy | null;
}

export interface CloseDeployOptions extends WaitOption {
  /** Left out: the open one. */
  readonly id?: string | undefined;
  /** Refuses a deploy of another release. */
  readonly release?: string | undefined;
  readonly outcome: DeployOutcome;
  /** Makes the previous release current again. @default false */
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
  /** Earlier than `closedAt` if the lease had run out: errors were no longer masked after that. */
  readonly leaseUntil: number;
  /** null: unknown. */
  readonly openedBy: string | null;
  /** The current release before the deploy. null: none, or the same. */
  readonly previousRelease: string | null;
  readonly currentRelease: string;
  /** null: nothing was restored. */
  readonly restoredRelease: string | null;
}

export interface SwitchOnResult {
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
  /** The mode before the change. */
  readonly previousMode: StoredMode;
  readonly manual: ManualStatus;
  /** Lets its holder past the page. Secret. */
  readonly bypass: {
    readonly token: string;
    /** When it ends, unless `switchOff` or the next `switchOn` comes first. */
    readonly until: number;
  };
}

export interface SwitchOffResult {
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
  /** `auto`: it was already off. */
  readonly previousMode: StoredMode;
}

/** How a deploy or an operator changes the store. Each rejects if it fails. */
export interface Operations {
  /**
   * Records a release as current. Without an id: this instance's own.
   *
   * @throws IntermissionError `no-release`, `bad-release`, `store-failed` …
   */
  createRelease(id?: string, options?: WaitOption): Promise<CreateReleaseResult>;

  /**
   * Makes an earlier release current again. Without an id: the previous one.
   *
   * @throws IntermissionError `unknown-release`, `no-earlier-release`, `store-failed` …
   */
  rollback(id?: string, options?: WaitOption): Promise<RollbackResult>;

  /** Newest first, so the current one leads. */
  releases(): Promise<readonly RecordedRelease[]>;

  /**
   * Records a release and opens its deploy. Errors of every instance are masked until it is closed or its
   * lease ends.
   *
   * @throws IntermissionError `deploy-open`, `known-release`, `no-release`, `bad-release`, `bad-option`,
   * `store-failed` …
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
   * Turns manual mode on for all instances and replaces any earlier settings. `wait` is longer for `closed`,
   * because an instance may learn of it only at its next background read (`refreshEvery`).
   *
   * @throws IntermissionError `bad-option`, `store-failed` …
   */
  switchOn(options: SwitchOn & WaitOption): Promise<SwitchOnResult>;

  /** Turns manual mode off: the releases decide again. Does nothing if it is already off. */
  switchOff(options?: WaitOption): Promise<SwitchOffResult>;

  /** What was changed, by whom and when, newest first. */
  history(): Promise<readonly Change[]>;
}
