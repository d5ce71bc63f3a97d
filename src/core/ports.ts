/** What a store answers to a read. */
export interface StoreRecord {
  /** Goes up by one with each write. 0: nothing is recorded for this app. */
  readonly version: number;
  /** The text last written. Absent when nothing is recorded, and when `unchanged`. */
  readonly value?: string;
  /** The record still has the `knownVersion` that the reader named, so its value was not sent again. */
  readonly unchanged?: true;
  /** The store's own time, in milliseconds since 1970. Absent where the store has no clock. */
  readonly now?: number;
  /** One sentence on what is doubtful about this store, such as that it is a replica. Warned of once. */
  readonly notice?: string;
}

/**
 * Where the shared truth is kept: one versioned record of text for each app. A store knows nothing of releases or
 * deploys; it keeps text and a version, and refuses a write that was prepared on an outdated version.
 *
 * A failed operation rejects; who calls decides what that means. Every operation settles within a few seconds,
 * whatever the server does: a store that can hang must bound its own waiting.
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
   * With the `knownVersion` of an earlier read, an unchanged record answers without its value.
   *
   * @param knownStart How the value of that version begins, in at most 32 characters of ASCII. A server that lost its
   * last writes gives their versions to others: a store that compares this too is not taken in. May be ignored.
   */
  read(app: string, knownVersion?: number, knownStart?: string): Promise<StoreRecord>;

  /**
   * Compare-and-set: writes `value` as version `expectedVersion + 1` if the record is still at `expectedVersion`
   * (0: if there is none yet). False: someone else was first, and nothing was written. Makes what it needs (file, table).
   *
   * `currentRelease` is for people who look into the store by hand; it is never read back, and a store may drop it.
   *
   * Where it rejects, the value may have been written all the same, now or a little later, unless the error says
   * `written: false`.
   */
  write(app: string, value: string, expectedVersion: number, currentRelease?: string): Promise<boolean>;

  /**
   * Calls `changed` whenever the record may have changed, until the returned function is called. May call it too
   * often; may miss a change while the connection is away. Left out by stores that can't push.
   */
  watch?(app: string, changed: () => void): Promise<() => Promise<void>>;

  /** Makes or upgrades what the store needs (file, table). Safe to repeat and to run from several machines at once. */
  migrate?(): Promise<void>;

  /** Left out by stores that keep no reports: then nobody knows who runs what, and all else is as ever. */
  readonly reports?: ReportStore;

  /** Where the records are, for messages: an absolute path, or a URL without user, password and parameters. */
  readonly place?: string;

  /** Gives back every handle, so that the process can end. May be called twice. */
  close(): Promise<void>;
}

/** A report as it was put, and when. */
export interface StoredReport {
  readonly id: string;
  readonly value: string;
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * The second, optional capability of a {@link Store}: texts that instances leave about themselves, each for a while.
 * They are kept apart from the records, and no request ever waits for them. Like all of a store, a failed operation
 * rejects, and none takes longer than a few seconds.
 */
export interface ReportStore {
  /**
   * Keeps a text under an id (1 to 64 characters) of an app, in the place of the one before. Makes what it needs (file,
   * table). A text is at most 16 KiB. Only for an app that has a record: a store may refuse others.
   *
   * @param keepFor Milliseconds of the store's time, at most 30 days. Later it is not listed, and some time after that
   * it is gone.
   * @throws IntermissionError `store-denied`: its user may not do that, and asking again is of no use.
   */
  put(app: string, id: string, value: string, keepFor: number): Promise<void>;

  /**
   * The newest first, at most {@link maximumReports}. Creates nothing: a missing file or table is an empty list.
   *
   * @param within Only those that were put in the last so many milliseconds. Left out: all.
   */
  list(app: string, within?: number): Promise<ReportList>;
}

export interface ReportList {
  /** The store's time, in milliseconds since 1970. */
  readonly now: number;
  readonly reports: readonly StoredReport[];
}

/** More than that are never read at once. */
export const maximumReports = 10_000;

/** Time and chance, so that tests need neither wait nor guess. */
export interface Clock {
  /** Milliseconds since 1970; never less than before. */
  now(): number;
  /**
   * Calls back once after so many milliseconds. The returned function cancels. Does not keep the process alive, unless
   * `ref` says so: for work that somebody waits for.
   */
  after(milliseconds: number, callback: () => void, options?: { readonly ref: boolean }): () => void;
  /** At least 0, below 1. */
  random(): number;
}

/** Where warnings go. `console` is one. */
export interface Logger {
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** What a page is negotiated from: the request's raw header values, as far as sent, and the response that failed. */
export interface PageRequest {
  readonly method: string;
  readonly accept?: string | undefined;
  readonly acceptLanguage?: string | undefined;
  /** Left out: the page is wanted as it is. */
  readonly acceptEncoding?: string | undefined;
  /** `Sec-Fetch-Dest` (W3C Fetch Metadata): what the browser wants the answer for. */
  readonly fetchDestination?: string | undefined;
  /** `X-Requested-With`. */
  readonly requestedWith?: string | undefined;
  /** `HX-Request`: htmx asks for a part of its page. */
  readonly htmxRequest?: string | undefined;
  /** `HX-Boosted`: it will replace the whole page after all. */
  readonly htmxBoosted?: string | undefined;
  /** Status of the response that failed. */
  readonly failedStatus?: number | undefined;
  /** `Content-Type` of the response that failed. */
  readonly failedContentType?: string | undefined;
}

/**
 * Why a visitor gets the page, as the header `X-Maintenance` says it: `deploy`: a deploy broke something. `manual`: an
 * error, while manual mode is on. `closed`: the app was not asked.
 */
export type PageCause = "deploy" | "manual" | "closed";

/** An answer, ready to be sent in place of a server error. */
export interface Page {
  readonly status: number;
  /** Lower-case names. `vary` is to be added to what the response has; the others replace it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for formats without a body. To a HEAD request only the headers are sent. */
  readonly body: Uint8Array;
}
