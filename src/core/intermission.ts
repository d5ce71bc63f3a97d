import type { Facts, Reason, Verdict } from "./decide.ts";
import type { DeployStatus } from "./state/deploy-status.ts";
import type { Listener } from "./events.ts";
import type { MaskedError, Warning } from "./settings/options.ts";
import type { ManualStatus } from "./state/manual-status.ts";
import type { Operations } from "./operations.ts";
import type { Page, PageCause, PageRequest } from "./ports.ts";
import type { Settings } from "./settings/resolve.ts";
import type { State, StoredMode } from "./state/state.ts";

export interface Status {
  readonly app: string;
  /** null: unknown. */
  readonly instanceRelease: string | null;
  /** null: none is recorded. */
  readonly currentRelease: string | null;
  /** The mode in effect now. This instance's own manual mode counts as `errors`. */
  readonly mode: StoredMode;
  /** What the operator set with manual mode. Left out: it is off. */
  readonly manual?: ManualStatus;
  /** What a server error would get here and now. */
  readonly verdict: Verdict["verdict"];
  readonly reason: Verdict["reason"];
  /** As in a verdict. */
  readonly observed?: true;
  /** Left out: none is open. */
  readonly deploy?: DeployStatus;
}

/** What an instance knows about its store without asking it, and how fresh that is. */
export interface Health {
  /** Whether the last read of the store succeeded. Undefined: none has finished yet. */
  readonly storeUp: boolean | undefined;
  /**
   * Age of the snapshot that decides, in milliseconds, counted from when its read was sent. Undefined: there
   * is none yet.
   */
  readonly snapshotAge: number | undefined;
  /** Whether this instance runs the current release. Undefined: one of the two is unknown. */
  readonly releaseMatches: boolean | undefined;
  /**
   * How long this instance's release has not been the current one, in milliseconds. 0: it is. Undefined: one
   * of the two is unknown.
   */
  readonly mismatchFor: number | undefined;
}

/** A failed answer as an adapter sees it, before any of it is sent. Getters are read only when needed. */
export interface FailedAnswer extends Facts {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The framework's own request, for `skip` and `onMasked`. */
  readonly request: unknown;
  /** The request's `Cookie` header, which may carry a bypass. */
  readonly cookie?: string | undefined;
  /**
   * The release of the instance that answered, if that is another process. null: unknown. Left out: this
   * process.
   */
  readonly release?: string | null | undefined;
  /** That instance, if this process reports it. Left out: the error counts as this process's own. */
  readonly instance?: Pick<Representative, "count" | "countRegular"> | undefined;
  /** Chooses the page. */
  readonly pageRequest: PageRequest;
}

/** What replaces a failed answer. */
export interface Replacement {
  readonly page: Page;
  /** From the verdict. */
  readonly reason: Reason;
  /** The status that the app sent. */
  readonly originalStatus: number;
  /** Call once, when the page is on its way: counts the error and calls `onMasked`. Never throws. */
  sent(): void;
}

/** Lists another instance as alive, and counts its errors that were judged here. Nothing throws. */
export interface Representative {
  count(masked: MaskedError): void;
  /** Counts a server error that visitors saw. */
  countRegular(): void;
  /** Says that the instance no longer seems alive. Can be repeated. */
  signOff(): void;
  signOn(): void;
  /** Waits at most a second for the last report. */
  close(): Promise<void>;
}

/** What the last read of the store said. */
export interface Known {
  readonly state: State;
  /** The store's time now, in milliseconds since 1970. */
  readonly now: number;
}

/** What is known about a request before the app sees it. */
export interface GateFacts extends Pick<FailedAnswer, "address" | "cookie"> {
  readonly path?: string | undefined;
  /** The token of a bypass link: the request asks to pass the page from now on. */
  readonly link?: string | undefined;
  /** The framework's own request, for the `skip` option. */
  readonly request: unknown;
  /** From the header by which `intermission rehearse` asks for the page. Left out: there was none. */
  readonly rehearsal?: RehearsalFacts | undefined;
}

export interface RehearsalFacts {
  readonly token: string;
  /** Chooses the page. */
  readonly pageRequest: PageRequest;
}

/**
 * `closed`: send the page instead of asking the app. `admitted`: the link is valid, and its token becomes a
 * cookie. A page: answers a rehearsal.
 */
export type GateOutcome = "closed" | "admitted" | Page;

/**
 * Intermission running in one process: it knows this instance's release, watches the store and judges errors.
 * Made by `createIntermission`.
 */
export interface Intermission extends Operations {
  readonly settings: Settings;

  /**
   * Resolves once the page is loaded and the first read of the store has succeeded or failed. Never rejects:
   * an app must start even if its store is down.
   */
  ready(): Promise<void>;

  /** The verdict on a response. Waits for the store at most `readTimeout`. Default facts: a plain 500. */
  decide(facts?: Partial<Facts & Pick<FailedAnswer, "cookie" | "release">>): Promise<Verdict>;

  /** Asks the store; rejects if it does not answer. */
  status(): Promise<Status>;

  /** What {@link status} can't tell: how fresh this instance's own knowledge is. Asks no store. */
  health(): Health;

  /**
   * Reports what happens while requests are answered, for metrics and the like, until the returned function
   * is called. An error in a listener becomes a warning.
   */
  listen(listener: Listener): () => void;

  /**
   * The status that the app gave a response, for logs and traces, which otherwise see that of the page. It is
   * kept under `Symbol.for("intermission.originalStatus")`. undefined: not a response.
   *
   * @param response From Node or the Fetch standard.
   */
  originalStatus(response: unknown): number | undefined;

  /**
   * For servers: this instance has stopped serving. Can be repeated. Tells the store at once, and pauses
   * reports. Never throws.
   */
  signOff(): void;
  signOn(): void;

  /**
   * For servers in front of instances that can't report themselves: lists one as alive from now until it or
   * this intermission is closed. Nothing is reported before {@link ready} resolves.
   */
  represent(instance: { readonly name: string; readonly release: string }): Representative;

  /** Stops watching, and closes the store if Intermission opened it. Can be repeated. */
  close(): Promise<void>;

  /**
   * For adapters: what to send instead of a failed answer. Undefined: leave it alone. A promise if it has to
   * wait for the store, for at most `readTimeout`; it never rejects.
   */
  replacementFor(failed: FailedAnswer): Replacement | undefined | Promise<Replacement | undefined>;

  /**
   * For adapters: whether to ask {@link gate} at all. True if, as far as is known here, manual mode is on or
   * scheduled, or a rehearsal is running. Costs a comparison.
   */
  readonly gated: boolean;

  /**
   * For adapters: what happens to a request before the app is asked. Undefined: the app answers. Waits for
   * the store at most `readTimeout`, and only if the request would get the page. The promise never rejects.
   */
  gate(facts: GateFacts): GateOutcome | undefined | Promise<GateOutcome | undefined>;

  /**
   * For adapters: the page for a request that {@link gate} said is `closed`. Never throws.
   *
   * @param cause @default "deploy"
   */
  page(pageRequest: PageRequest, cause?: PageCause): Page;

  /** For servers that tell others the state. Undefined: the store was never read. Asks no store. */
  readonly known: Known | undefined;

  /** For adapters: says each warning at most once a minute. Never throws. */
  warn(warning: Warning): void;
}
