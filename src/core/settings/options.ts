import type { Facts, Reason } from "../decide.ts";
import type { PageOptions } from "./page-options.ts";
import type { Logger, Store } from "../ports.ts";

/** A server error that the page replaced. */
export interface MaskedError {
  /** The visitor did see the error: this instance only observes. */
  readonly observed?: true;
  /** What the app threw, if the framework reveals it. */
  readonly error?: unknown;
  /** The status the app was about to send. */
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

/** What a warning is about. docs/settings.md takes its descriptions from these comments. */
export type WarningCode =
  /** This instance's release is unknown: set `MAINTENANCE_PAGE_RELEASE`. */
  | "no-instance-release"
  /**
   * This instance's release looks like a placeholder that was never filled in (`$GIT_SHA`), or like a name
   * that never changes (`latest`).
   */
  | "doubtful-release"
  /** No release is recorded for this app: have the deploy run `intermission create-release`. */
  | "no-current-release"
  /** The store could not be read; the last state that was read decides. */
  | "store-unreachable"
  /** The store can't announce changes; it is still read every few seconds. */
  | "push-unavailable"
  /**
   * Something about the store needs attention: it is a replica, shares a full pool, or its table is in
   * another schema.
   */
  | "store-notice"
  /** The record is damaged, or Intermission did not write it. */
  | "state-unreadable"
  /** The releases have differed for longer than `maxWindow`. */
  | "window-passed"
  /** With `observe`: the page would have replaced an error. */
  | "observed"
  /** This instance can't report itself, so `instances`, `wait` and `report` miss it. */
  | "report-failed"
  /** `serve` could not write a file it publishes. */
  | "publish-failed"
  /** `skip`, `mask`, `onMasked` or a listener threw. */
  | "callback-failed"
  /**
   * Your template or format failed, and visitors got a built-in page; or a changed template could not be
   * read, so the previous one stays; or the languages could not be loaded.
   */
  | "page-failed"
  /** The brand's accent is too pale for a light page, so it is shown darker. */
  | "accent-corrected"
  /** A webhook could not be told. It is tried again for some hours, and everything else works as before. */
  | "notify-failed"
  /**
   * This instance's release has differed from the current one for longer than `warnAfter`, and its errors are
   * hidden all the while. Replace it, end the canary, or run `intermission rollback`.
   */
  | "long-mismatch"
  /**
   * A proxy still hears an old release when another has been current for longer than `warnAfter`. Most often
   * a server was reloaded in place and kept its old environment: restart it, or have it read its release from
   * a file (`MAINTENANCE_PAGE_RELEASE_FILE`).
   */
  | "old-release-answers";

export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  readonly error?: unknown;
}

/**
 * All options. An option left out comes from the environment, else it has its default. An empty environment
 * variable counts as unset.
 */
export interface IntermissionOptions extends PageOptions {
  /**
   * Manual mode: every server error gets the page, whatever the releases say.
   * @default `MAINTENANCE_MODE`, `DJANGO_MAINTENANCE_MODE`, else false
   */
  readonly mode?: boolean | string | undefined;
  /**
   * Observe only: nothing is replaced, and every request reaches the app. What would have been masked is
   * logged as a warning, counted and reported. Use it to try Intermission out.
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
   * Path of a file whose first line is this instance's release. It is read at the start and again on SIGHUP.
   * The release variable wins over it.
   * @default `MAINTENANCE_PAGE_RELEASE_FILE` (the release variable's name and `_FILE`), else none
   */
  readonly releaseFile?: string | undefined;
  /**
   * Status of the page, 400 to 599. `original`: the status the app sent, for balancers that take 503 for a
   * dead instance; a closed site still answers 503.
   * @default `MAINTENANCE_STATUS_CODE`, `DJANGO_MAINTENANCE_STATUS_CODE`, else 503
   */
  readonly statusCode?: number | "original" | undefined;
  /**
   * Where releases are recorded: a URL (`sqlite:PATH`, `postgres://…`, `mysql://…`, `redis://…`, `nats://…`,
   * `memory:`), a module that exports a store (`./store.mjs`), or a store made from a client the app already
   * has. If you pass a store, you close it.
   * @default `MAINTENANCE_STORE`, `DATABASE_URL`, else `sqlite:.intermission/state.db`
   */
  readonly store?: string | Store | undefined;
  /**
   * Names the record, if several apps share a store. 1 to 127 characters.
   * @default `MAINTENANCE_APP`, else `default`
   */
  readonly app?: string | undefined;
  /**
   * When visitors should try again: seconds (a number), or a duration such as `90s` or `2m`. From one second
   * to a day.
   * @default `MAINTENANCE_RETRY_AFTER`, else 60
   */
  readonly retryAfter?: number | string | undefined;
  /**
   * How long after a release was recorded a mismatch still shows the page; after that, errors are shown as
   * they are. Milliseconds, or a duration such as `30m`.
   * @default `MAINTENANCE_MAX_WINDOW`, else no limit
   */
  readonly maxWindow?: number | string | undefined;
  /**
   * How long a mismatch may last before it is warned about, because its errors stay hidden: by the instance,
   * by proxies, and by `intermission status`, `instances` and `doctor`. Changes no verdict. Milliseconds,
   * or a duration such as `2h`; 0 or `off`: no warning.
   * @default `MAINTENANCE_WARN_AFTER`, else 30 minutes
   */
  readonly warnAfter?: number | string | undefined;
  /**
   * Globs of paths that never get the page: health checks, webhooks. At most 64.
   * @default `MAINTENANCE_EXEMPT`, separated by commas
   */
  readonly exempt?: readonly string[] | undefined;
  /**
   * Names of headers that the page keeps from the failed answer, in addition to cookies, CORS, HSTS, request
   * ids and the like. At most 32.
   * @default `MAINTENANCE_KEEP_HEADERS`, separated by commas
   */
  readonly keepHeaders?: readonly string[] | undefined;
  /** Milliseconds between background reads of the store. 0: none. @default 10000 */
  readonly refreshEvery?: number | undefined;
  /**
   * For how many milliseconds a read is fresh enough to decide that an error is shown. If you raise it, raise
   * the wait of `create-release` too (`--wait`). @default 1000
   */
  readonly freshFor?: number | undefined;
  /** The most milliseconds an error waits for the store. @default 250 */
  readonly readTimeout?: number | undefined;
  /**
   * Whether this instance reports itself to the store, for `intermission instances`, `wait` and `report`:
   * which release it runs, and how many errors were masked. At most once in 15 seconds, and never while a
   * request waits.
   * @default `MAINTENANCE_REPORT`, else true
   */
  readonly report?: boolean | string | undefined;
  /**
   * Whether reports tell masked errors apart by route: by its pattern if the framework tells, else by the
   * first segment of the path.
   * @default `MAINTENANCE_REPORT_ROUTES`, else true
   */
  readonly reportRoutes?: boolean | string | undefined;
  /**
   * This instance's name in its reports. 1 to 127 characters.
   * @default `MAINTENANCE_INSTANCE`, else its host and process id
   */
  readonly instance?: string | undefined;
  /**
   * Addresses that are told of deploys, hidden errors and manual mode, by POST: `https://…` gets signed JSON
   * (Standard Webhooks), `slack:https://…`, `discord:https://…` and `teams:https://…` a message. At most 8.
   * @default `MAINTENANCE_WEBHOOK`, separated by spaces or commas
   */
  readonly webhook?: string | readonly string[] | undefined;
  /**
   * Signs what `webhook` tells: `whsec_` and 24 to 64 bytes in base64. Several, separated by spaces, while
   * one replaces another.
   * @default `MAINTENANCE_WEBHOOK_SECRET`
   */
  readonly webhookSecret?: string | undefined;
  /**
   * Which errors a deploy masks: return false to leave one as it is. Gets what the app threw, if the
   * framework reveals it, and what is known about the response. `schemaErrors` masks only errors of the
   * database's schema. Does not apply to manual mode. If it throws, the error is masked.
   * @default all
   */
  readonly mask?: ((error: unknown, facts: Facts) => boolean) | undefined;
  /** Gets the framework's own request. true: its error is shown, and a closed site lets it in. */
  skip?(request: unknown): boolean;
  /** Called for each error that the page replaced, or would have if this instance only observes. */
  readonly onMasked?: ((masked: MaskedError) => void) | undefined;
  /** Called for each warning, in addition to the logger. */
  readonly onWarning?: ((warning: Warning) => void) | undefined;
  /** @default console */
  readonly logger?: Logger | undefined;
}
