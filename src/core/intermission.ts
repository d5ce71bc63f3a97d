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
  /** The mode that holds now. Manual mode of this instance counts as `errors`. */
  readonly mode: StoredMode;
  /** What was said when manual mode was put on in the store. Left out: it is off. */
  readonly manual?: ManualStatus;
  /** What a server error would become here and now. */
  readonly verdict: Verdict["verdict"];
  readonly reason: Verdict["reason"];
  /** As in a verdict. */
  readonly observed?: true;
  /** Left out: none is open. */
  readonly deploy?: DeployStatus;
}

/** What an instance knows of its store by itself, and how fresh that is. */
export interface Health {
  /** The last read of the store succeeded. Undefined: none has ended yet. */
  readonly storeUp: boolean | undefined;
  /** Milliseconds since the read that brought what decides was sent. Undefined: there is nothing yet. */
  readonly snapshotAge: number | undefined;
  /** This instance runs the current release. Undefined: one of the two is unknown. */
  readonly releaseMatches: boolean | undefined;
}

/** An answer that failed, as an adapter has it before anything of it is sent. A getter is asked only when it matters. */
export interface FailedAnswer extends Facts {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The framework's own request: for `skip`, and for `onMasked`. */
  readonly request: unknown;
  /** The `Cookie` header of the request, which may have a bypass in it. */
  readonly cookie?: string | undefined;
  /** The release of the instance that answered, where that is not this process. null: unknown. Left out: it is. */
  readonly release?: string | null | undefined;
  /** That instance, where this process reports it. Left out: the error counts as one of this process. */
  readonly instance?: Pick<Representative, "count"> | undefined;
  /** What the page is chosen by. */
  readonly pageRequest: PageRequest;
}

/** What takes the place of a failed answer. */
export interface Replacement {
  readonly page: Page;
  /** Of the verdict. */
  readonly reason: Reason;
  /** The status that the app sent. */
  readonly originalStatus: number;
  /** To be called once, when the page is on its way: the error is counted then, and `onMasked` told. Never throws. */
  sent(): void;
}

/** Another instance in the list of those that are alive, and the errors of it that were masked here. Nothing throws. */
export interface Representative {
  count(masked: MaskedError): void;
  /** It is not alive any more, as far as is known, or again. */
  signOff(): void;
  signOn(): void;
  /** Waits at most a second for its last report. */
  close(): Promise<void>;
}

/** What was read of the store last. */
export interface Known {
  readonly state: State;
  /** The store's time by now, in milliseconds since 1970. */
  readonly now: number;
}

/** What is known of a request before the app is asked. */
export interface GateFacts extends Pick<FailedAnswer, "address" | "cookie"> {
  readonly path?: string | undefined;
  /** The token of a bypass link: the request asks to be let past the page from now on. */
  readonly link?: string | undefined;
  /** The framework's own request, for the `skip` option. */
  readonly request: unknown;
  /** What came in the header by which `intermission rehearse` asks for the page. Left out: it did not come. */
  readonly rehearsal?: RehearsalFacts | undefined;
}

export interface RehearsalFacts {
  readonly token: string;
  /** What the page is chosen by. */
  readonly pageRequest: PageRequest;
}

/**
 * `closed`: the page, in place of the app's answer. `admitted`: the link is valid, and its token becomes a cookie. A page:
 * that one is the answer, to a rehearsal.
 */
export type GateOutcome = "closed" | "admitted" | Page;

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
  decide(facts?: Partial<Facts & Pick<FailedAnswer, "cookie" | "release">>): Promise<Verdict>;

  /** Asks the store, and rejects when it does not answer. */
  status(): Promise<Status>;

  /** What {@link status} can't tell: how fresh this instance's own knowledge is. Asks nobody. */
  health(): Health;

  /**
   * Calls back with what happens while requests are answered, for metrics and the like, until the returned function is
   * called. What a listener throws is warned of.
   */
  listen(listener: Listener): () => void;

  /**
   * The status that the app itself gave a response: for logs and traces, which see that of the page where an error was
   * masked. It is kept under `Symbol.for("intermission.originalStatus")`. undefined: it is no response.
   *
   * @param response Of Node or of the Fetch standard.
   */
  originalStatus(response: unknown): number | undefined;

  /**
   * For servers: this instance serves nothing any more, or again. It says so to the store at once, and does not report
   * itself meanwhile. Never throws.
   */
  signOff(): void;
  signOn(): void;

  /**
   * For servers in front of instances that can't report themselves: reports one of them, until it is closed or this
   * intermission is. It is alive from now on. Before {@link ready} has resolved, nothing is reported.
   */
  represent(instance: { readonly name: string; readonly release: string }): Representative;

  /** Stops watching and closes the store if it was opened here. May be called twice. */
  close(): Promise<void>;

  /**
   * For adapters: what to send in place of a failed answer. Undefined: leave it as it is. A promise where it waits for
   * the store, for at most `readTimeout`; it never rejects.
   */
  replacementFor(failed: FailedAnswer): Replacement | undefined | Promise<Replacement | undefined>;

  /**
   * For adapters: manual mode is on, or will be, or there is a rehearsal, as far as is known here. They ask {@link gate}
   * then, and need not otherwise. Costs a comparison.
   */
  readonly gated: boolean;

  /**
   * For adapters: what becomes of a request before the app is asked. Undefined: the app answers it. Waits for the store
   * at most `readTimeout`, and only where the request would get the page. The promise never rejects.
   */
  gate(facts: GateFacts): GateOutcome | undefined | Promise<GateOutcome | undefined>;

  /**
   * For adapters: the page for a request of which no answer failed: {@link gate} said `closed`. Never throws.
   *
   * @param cause @default "deploy"
   */
  page(pageRequest: PageRequest, cause?: PageCause): Page;

  /** For servers that tell others what to do. Undefined: the store was never read. Asks nobody. */
  readonly known: Known | undefined;

  /** For adapters: says each warning at most once a minute. Never throws. */
  warn(warning: Warning): void;
}
