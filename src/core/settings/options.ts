import type { Facts, Reason } from "../decide.ts";
import type { PageOptions } from "./page-options.ts";
import type { Logger, Store } from "../ports.ts";

/** A server error that the visitor did not see, because the page took its place. */
export interface MaskedError {
  /** The visitor did see it: this instance only observes. */
  readonly observed?: true;
  /** What the app threw, where the framework lets it be known. */
  readonly error?: unknown;
  /** The status that the app was about to send. */
  readonly status: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly instanceRelease: string | undefined;
  readonly currentRelease: string | undefined;
  readonly reason: Reason;
  /** The framework's own request. */
  readonly request: unknown;
}

/** What a warning is about. The comments are what docs/settings.md says of each. */
export type WarningCode =
  /** This instance's release is unknown: set `MAINTENANCE_PAGE_RELEASE`. */
  | "no-instance-release"
  /**
   * This instance's release looks like a placeholder that was never filled in (`$GIT_SHA`), or like a name that
   * every deploy has (`latest`).
   */
  | "doubtful-release"
  /** No release is recorded for this app: have the deploy run `intermission create-release`. */
  | "no-current-release"
  /** The store could not be read; the state that was read last decides. */
  | "store-unreachable"
  /** The store can't tell of changes at once; it is still read every few seconds. */
  | "push-unavailable"
  /**
   * Something about the store is doubtful: it is a replica, shares a full pool, or its table is in another schema.
   */
  | "store-notice"
  /** The record was not written by Intermission, or is damaged. */
  | "state-unreadable"
  /** The releases have differed for longer than `maxWindow`. */
  | "window-passed"
  /** With `observe`: an error would have become the page. */
  | "observed"
  /** This instance can't report itself, so `instances`, `wait` and `report` miss it. */
  | "report-failed"
  /** `serve` could not write a file that it publishes. */
  | "publish-failed"
  /** `skip`, `mask`, `onMasked` or a listener threw. */
  | "callback-failed"
  /**
   * Your template or format failed, and a built-in page was sent; or a changed template could not be read, and the
   * one before stays; or the languages could not be loaded.
   */
  | "page-failed"
  /** The brand's accent is too pale to be read on a light page, so it is shown darker. */
  | "accent-corrected"
  /**
   * A proxy still hears an old release half an hour after another became current. Most often a server was reloaded
   * in place and kept its old environment: restart it, or have it read its release from a file
   * (`MAINTENANCE_PAGE_RELEASE_FILE`).
   */
  | "old-release-answers";

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  readonly error?: unknown;
}

/**
 * Everything that can be set. What is left out comes from the environment, then from the default; an empty
 * environment variable counts as unset.
 */
export interface IntermissionOptions extends PageOptions {
  /**
   * Manual mode: every server error gets the page, whatever the releases say.
   * @default `MAINTENANCE_MODE`, `DJANGO_MAINTENANCE_MODE`, else false
   */
  readonly mode?: boolean | string | undefined;
  /**
   * Observe only: nothing is replaced, and every request reaches the app. What would have been is warned of, counted and
   * reported. For trying it out.
   * @default `MAINTENANCE_OBSERVE`, else false
   */
  readonly observe?: boolean | string | undefined;
  /**
   * Name of the environment variable that holds this instance's release.
   * @default `MAINTENANCE_ENV_VAR`, `DJANGO_MAINTENANCE_ENV_VAR`, else `MAINTENANCE_PAGE_RELEASE`, then
   * `DJANGO_MAINTENANCE_PAGE_RELEASE`
   */
  readonly releaseVariable?: string | undefined;
  /**
   * This instance's release itself, 1 to 127 characters.
   * @default the release variable, then what the platform says (`FLY_IMAGE_REF`, `RENDER_GIT_COMMIT` …)
   */
  readonly release?: string | undefined;
  /**
   * Path of a file whose first line is this instance's release. It is read at the start, and on SIGHUP anew. The
   * release variable goes before it.
   * @default `MAINTENANCE_PAGE_RELEASE_FILE` (the release variable's name and `_FILE`), else none
   */
  readonly releaseFile?: string | undefined;
  /**
   * Status of the page, 400 to 599. `original`: the status that the app sent, for balancers that count 503 as a dead
   * instance; a closed site still answers 503.
   * @default `MAINTENANCE_STATUS_CODE`, `DJANGO_MAINTENANCE_STATUS_CODE`, else 503
   */
  readonly statusCode?: number | "original" | undefined;
  /**
   * Where the releases are recorded: a URL (`sqlite:PATH`, `postgres://…`, `mysql://…`, `redis://…`,
   * `nats://…`, `memory:`), a module that exports a store (`./store.mjs`), or a store made from a client that the app has
   * already. A store that is handed in is closed by who made it.
   * @default `MAINTENANCE_STORE`, `DATABASE_URL`, else `sqlite:.intermission/state.db`
   */
  readonly store?: string | Store | undefined;
  /**
   * Which record of the store is meant, where several apps share one. 1 to 127 characters.
   * @default `MAINTENANCE_APP`, else `default`
   */
  readonly app?: string | undefined;
  /**
   * Seconds (a number), or a duration such as `90s` or `2m`, after which visitors are asked to come back. At least one
   * second, at most a day.
   * @default `MAINTENANCE_RETRY_AFTER`, else 60
   */
  readonly retryAfter?: number | string | undefined;
  /**
   * How long after a release was recorded a mismatch still shows the page; later, errors are regular again.
   * Milliseconds, or a duration such as `30m`.
   * @default `MAINTENANCE_MAX_WINDOW`, else no limit
   */
  readonly maxWindow?: number | string | undefined;
  /**
   * Globs of paths that never get the page: health checks, callbacks of machines. At most 64.
   * @default `MAINTENANCE_EXEMPT`, separated by commas
   */
  readonly exempt?: readonly string[] | undefined;
  /**
   * Names of headers that the page keeps of the failed answer, beside cookies, CORS, HSTS, request ids and the like. At
   * most 32.
   * @default `MAINTENANCE_KEEP_HEADERS`, separated by commas
   */
  readonly keepHeaders?: readonly string[] | undefined;
  /** Milliseconds between reads of the store in the background; 0: none. @default 10000 */
  readonly refreshEvery?: number | undefined;
  /**
   * Milliseconds for which what was read may decide that an error is regular. Who raises it raises the wait of
   * `create-release` too (`--wait`). @default 1000
   */
  readonly freshFor?: number | undefined;
  /** Milliseconds that an error may wait for the store, at the most. @default 250 */
  readonly readTimeout?: number | undefined;
  /**
   * Whether this instance reports itself to the store, for `intermission instances`, `wait` and `report`: what it runs,
   * and how many errors were masked. At most once in 15 seconds, and never while a request waits.
   * @default `MAINTENANCE_REPORT`, else true
   */
  readonly report?: boolean | string | undefined;
  /**
   * What this instance is called in its reports. 1 to 127 characters.
   * @default `MAINTENANCE_INSTANCE`, else its host and process id
   */
  readonly instance?: string | undefined;
  /**
   * Which errors a deploy masks, where not all: false leaves an error as it is. Given what the app threw, as far as the
   * framework lets it be known, and what is known of the response. `schemaErrors` is one for errors of a database's
   * schema alone. It does not concern manual mode. One that throws masks.
   * @default all
   */
  readonly mask?: ((error: unknown, facts: Facts) => boolean) | undefined;
  /** Given the framework's own request: true leaves its error as it is, and a closed site open to it. */
  skip?(request: unknown): boolean;
  /** Told of each error that the page replaced, or would have where this instance only observes. */
  readonly onMasked?: ((masked: MaskedError) => void) | undefined;
  /** Told of each warning, beside the logger. */
  readonly onWarning?: ((warning: Warning) => void) | undefined;
  /** @default console */
  readonly logger?: Logger | undefined;
}
