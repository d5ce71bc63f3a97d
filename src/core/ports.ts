/** A store's answer to a read. */
export interface StoreRecord {
  /** Grows by one with each write. 0: nothing is recorded for this app. */
  readonly version: number;
  /** The last text written. Absent if nothing is recorded, or if `unchanged`. */
  readonly value?: string;
  /** The record still has the reader's `knownVersion`, so its value was not sent again. */
  readonly unchanged?: true;
  /** The store's own time, in milliseconds since 1970. Absent where the store has no clock. */
  readonly now?: number;
  /** One sentence on a problem of this store, such as that it is a replica. Warned about once. */
  readonly notice?: string;
}

/**
 * Keeps the shared truth: one versioned record of text for each app. A store knows nothing of releases or
 * deploys; it keeps text and a version, and refuses a write based on an outdated version.
 *
 * A failed operation rejects, and the caller decides what that means. Every operation settles within a few
 * seconds, whatever the server does: a store that can hang must limit its own waits.
 *
 * @example A store in a single process:
 * ```ts
 * const records = new Map<string, { version: number; value: string }>();
 * const store: Store = {
 *   async read(app, knownVersion) {
 *     const record = records.get(app);
 *     if (record === undefined) return { version: 0 };
 *     if (record.version === knownVersion) return { version: record.version, unchanged: true };
 *     return record;
 *   },
 *   async write(app, value, expectedVersion) {
 *     if ((records.get(app)?.version ?? 0) !== expectedVersion) return false;
 *     records.set(app, { version: expectedVersion + 1, value });
 *     return true;
 *   },
 *   async close() {},
 * };
 * ```
 */
export interface Store {
  /**
   * Reads the app's record in one round trip. Creates nothing: a missing file, table or record is version 0.
   * If the record still has `knownVersion`, the answer leaves out its value.
   *
   * @param knownStart The first characters of that version's value: at most 32, ASCII. A server that lost its
   * last writes assigns their versions again; a store that also compares this is not fooled. May be ignored.
   */
  read(app: string, knownVersion?: number, knownStart?: string): Promise<StoreRecord>;

  /**
   * Compare-and-set: writes `value` as version `expectedVersion + 1` if the record is still at
   * `expectedVersion` (0: does not exist yet). False: someone else was first, and nothing was written.
   * Creates what it needs (file, table).
   *
   * `currentRelease` is for people who inspect the store; it is never read back, and a store may drop it.
   *
   * If it rejects, the value may still have been written, or be written a little later, unless the error says
   * `written: false`.
   */
  write(app: string, value: string, expectedVersion: number, currentRelease?: string): Promise<boolean>;

  /**
   * Calls `changed` whenever the record may have changed, until the returned function is called. It may call
   * too often, and may miss changes while disconnected. Left out by stores that can't push.
   */
  watch?(app: string, changed: () => void): Promise<() => Promise<void>>;

  /**
   * Creates or upgrades what the store needs (file, table). Safe to repeat, and to run on several machines at
   * once.
   */
  migrate?(): Promise<void>;

  /** Left out by stores that keep no reports: then nobody knows which instance runs what; all else works. */
  readonly reports?: ReportStore;

  /** Where the records are, for messages: an absolute path, or a URL without user, password and parameters. */
  readonly place?: string;

  /** Releases every handle, so that the process can end. Can be repeated. */
  close(): Promise<void>;
}

/** A stored report, and when it was put. */
export interface StoredReport {
  readonly id: string;
  readonly value: string;
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * An optional capability of a {@link Store}: texts that instances keep about themselves, each for a limited
 * time. They are separate from the records, and no request ever waits for them. As with a store, a failed
 * operation rejects, and none takes longer than a few seconds.
 */
export interface ReportStore {
  /**
   * Keeps a text under an id (1 to 64 characters) of an app and replaces the previous one. Creates what it
   * needs (file, table). A text is at most 16 KiB. The app needs a record: a store may refuse others.
   *
   * @param keepFor Milliseconds of the store's time, at most 30 days. After that it is not listed, and is
   * deleted some time later.
   * @throws IntermissionError `store-denied`: its user lacks the right, so retrying is useless.
   */
  put(app: string, id: string, value: string, keepFor: number): Promise<void>;

  /**
   * Newest first, at most {@link maximumReports}. Creates nothing: a missing file or table is an empty list.
   *
   * @param within Only those put in the last so many milliseconds. Left out: all.
   */
  list(app: string, within?: number): Promise<ReportList>;
}

export interface ReportList {
  /** The store's time, in milliseconds since 1970. */
  readonly now: number;
  readonly reports: readonly StoredReport[];
}

/** At most this many are read at once. */
export const maximumReports = 10_000;

/** Time and randomness, so that tests need neither wait nor guess. */
export interface Clock {
  /** Milliseconds since 1970; never decreases. */
  now(): number;
  /**
   * Calls back once after so many milliseconds. The returned function cancels. Keeps the process alive only
   * with `ref`, for work that somebody waits for.
   */
  after(milliseconds: number, callback: () => void, options?: { readonly ref: boolean }): () => void;
  /** At least 0, below 1. */
  random(): number;
}

/** Where warnings go, such as `console`. */
export interface Logger {
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** What the page is negotiated from: raw request headers, as far as sent, and the failed response. */
export interface PageRequest {
  readonly method: string;
  readonly accept?: string | undefined;
  readonly acceptLanguage?: string | undefined;
  /** Left out: do not encode the page. */
  readonly acceptEncoding?: string | undefined;
  /** `Sec-Fetch-Dest` (W3C Fetch Metadata): what the browser wants the answer for. */
  readonly fetchDestination?: string | undefined;
  /** `X-Requested-With`. */
  readonly requestedWith?: string | undefined;
  /** `HX-Request`: htmx wants a part of its page. */
  readonly htmxRequest?: string | undefined;
  /** `HX-Boosted`: htmx will replace the whole page after all. */
  readonly htmxBoosted?: string | undefined;
  /** Status of the response that failed. */
  readonly failedStatus?: number | undefined;
  /** `Content-Type` of the response that failed. */
  readonly failedContentType?: string | undefined;
}

/**
 * Why a visitor gets the page, sent as the header `X-Maintenance`. `deploy`: a deploy broke something.
 * `manual`: an error in manual mode. `closed`: the app was not asked.
 */
export type PageCause = "deploy" | "manual" | "closed";

/** An answer to send instead of a server error. */
export interface Page {
  readonly status: number;
  /** Lower-case names. `vary` is added to what the response has; the others replace it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for formats without a body. A HEAD request gets only the headers. */
  readonly body: Uint8Array;
}
