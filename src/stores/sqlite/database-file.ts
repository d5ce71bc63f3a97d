import { requireModule } from "../../core/runtime.ts";
import { isIntermissionError, show, type IntermissionError } from "../../core/errors.ts";
import { storeClosed, storeFailed } from "../shared/failure.ts";
import { loadDriver, type OpenConnection, type SqliteConnection, type SqliteStatement } from "./driver.ts";

/** Milliseconds to keep trying while others hold the file's lock. */
const readLimit = 1000;
const writeLimit = 3500;

/**
 * Milliseconds a commit may wait for readers. The drivers are synchronous, so the whole process waits with
 * them. Nothing else waits for a lock: the store retries after a pause in which the app goes on.
 */
const commitPatience = 20;

export interface OpenFile {
  readonly connection: SqliteConnection;
  /** Device and inode. */
  readonly identity: string | undefined;
  /** Prepared once: libsql frees a statement, and with it the file, only on garbage collection. */
  prepare(sql: string): SqliteStatement;
}

/** A database file that may not exist yet, may be replaced while in use, and may be locked by others. */
export interface DatabaseFile {
  /** Works on the file. undefined: there is none. */
  read<T>(work: (file: OpenFile | undefined) => T): Promise<T>;
  /** Works on the file in a transaction. Creates the file and its folder. */
  write<T>(work: (file: OpenFile) => T): Promise<T>;
  close(): void;
}

export interface DatabaseFileOptions {
  /** Settings of each connection, as SQL. */
  readonly pragmas?: string;
  /** A new file is its group's too. */
  readonly group?: boolean;
}

export function databaseFile(
  path: string,
  { pragmas = "", group = false }: DatabaseFileOptions = {},
): DatabaseFile {
  let driver: OpenConnection | undefined;
  let open: OpenFile | undefined;
  let closed = false;

  /** The file as it is now; undefined if there is none. */
  function connect(openConnection: OpenConnection): OpenFile | undefined {
    // It may have been deleted or replaced; then the open file has no name any more.
    const identity = identify(path);
    if (open?.identity === identity) return open;
    disconnect();
    return identity === undefined ? undefined : openFile(openConnection);
  }

  function connectOrCreate(openConnection: OpenConnection): OpenFile {
    const existing = connect(openConnection);
    if (existing !== undefined) return existing;
    createFile(path, group);
    return openFile(openConnection);
  }

  function openFile(openConnection: OpenConnection): OpenFile {
    const connection = openConnection(path);
    const prepared = new Map<string, SqliteStatement>();
    open = {
      connection,
      identity: identify(path),
      prepare(sql) {
        const statement = prepared.get(sql) ?? connection.prepare(sql);
        prepared.set(sql, statement);
        return statement;
      },
    };
    connection.exec(`pragma busy_timeout = 0; ${pragmas}`);
    return open;
  }

  function disconnect(): void {
    const file = open;
    open = undefined;
    try {
      file?.connection.close();
    } catch {
      // A connection that can't be closed is just as gone.
    }
  }

  // In an explicit transaction: libsql leaves a single statement that met a lock unfinished, and SQLite then
  // commits none of the following ones, though each reports a changed row. Here only `begin` and `commit` can
  // meet a lock.
  function transact<T>(connection: SqliteConnection, work: () => T): T {
    connection.exec("begin immediate");
    try {
      const result = work();
      connection.exec(`pragma busy_timeout = ${String(commitPatience)}; commit; pragma busy_timeout = 0`);
      return result;
    } catch (error) {
      try {
        connection.exec("rollback; pragma busy_timeout = 0");
      } catch {
        disconnect();
      }
      throw error;
    }
  }

  async function attempt<T>(
    limit: number,
    failure: (cause: unknown) => IntermissionError,
    work: (openConnection: OpenConnection) => T,
  ): Promise<T> {
    const openConnection = (driver ??= await loadDriver());
    const deadline = performance.now() + limit;
    for (;;) {
      if (closed) throw storeClosed();
      try {
        return work(openConnection);
      } catch (error) {
        if (!isBusy(error)) {
          disconnect();
          throw isIntermissionError(error) ? error : failure(error);
        }
        if (performance.now() >= deadline) throw failure(error);
      }
      await new Promise<void>((resume) => setTimeout(resume, 5 + Math.random() * 20));
    }
  }

  const unreadable = (cause: unknown): IntermissionError =>
    storeFailed(
      `The SQLite file ${show(path)} could not be read`,
      cause,
      remedyFor(cause, "Check that this process may read it."),
    );
  const unwritable = (cause: unknown): IntermissionError =>
    storeFailed(
      `The SQLite file ${show(path)} could not be written`,
      cause,
      remedyFor(cause, "Check that this process may write the file and its folder."),
      // A writer that waits for a lock has written nothing.
      isBusy(cause) ? false : undefined,
    );

  return {
    read: (work) => attempt(readLimit, unreadable, (openConnection) => work(connect(openConnection))),
    write: (work) =>
      attempt(writeLimit, unwritable, (openConnection) => {
        const file = connectOrCreate(openConnection);
        return transact(file.connection, () => work(file));
      }),
    close() {
      closed = true;
      disconnect();
    },
  };
}

/**
 * Readable by its owner only, or by its group: the record has the key that signs links past the page. SQLite
 * gives its journal the same rights. If a folder is created for it, version control ignores it.
 */
function createFile(path: string, group: boolean): void {
  const { chmodSync, closeSync, fchmodSync, mkdirSync, openSync, writeFileSync } = requireModule("node:fs");
  const { dirname, join } = requireModule("node:path");
  const folder = dirname(path);
  if (mkdirSync(folder, { recursive: true }) !== undefined) {
    writeFileSync(join(folder, ".gitignore"), "*\n", { flag: "wx" });
    // What is made in it gets its group: also the journal, by whichever user.
    if (group) chmodSync(folder, 0o2770);
  }
  try {
    const file = openSync(path, "wx", 0o600);
    // Not by the mode above, of which the process's umask takes a part.
    if (group) fchmodSync(file, 0o660);
    if (process.getuid?.() === 0) giveTo(file, folder);
    closeSync(file);
  } catch (error) {
    // Another process was first.
    if ((error as { readonly code?: unknown }).code !== "EEXIST") throw error;
  }
}

/**
 * root records releases for a service that runs as another user, whose folder it is. SQLite does the same with
 * its journal, and as here without it where root may not: in many containers, and on NFS.
 */
function giveTo(file: number, folder: string): void {
  const { fchownSync, statSync } = requireModule("node:fs");
  const { uid, gid } = statSync(folder);
  if (uid === 0) return;
  try {
    fchownSync(file, uid, gid);
  } catch {
    // It stays root's.
  }
}

function identify(path: string): string | undefined {
  const stats = requireModule("node:fs").statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${String(stats.dev)}:${String(stats.ino)}`;
}

/** SQLITE_BUSY and SQLITE_LOCKED with their extended codes, as `node:sqlite` and libsql name them. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (typeof errcode === "number") return (errcode & 0xff) === 5 || (errcode & 0xff) === 6;
  return typeof code === "string" && /^SQLITE_(?:BUSY|LOCKED)/.test(code);
}

/** From SQLite's message, because drivers name its codes differently. */
function remedyFor(cause: unknown, otherwise: string): string {
  if (isBusy(cause))
    return "Another process holds its lock: try again, and end that process if it does not let go.";
  const reason = cause instanceof Error ? cause.message : "";
  if (reason.includes("disk is full")) return "Make room on its file system.";
  if (/not a database|malformed/.test(reason)) {
    return "Name another file, or move this one away: the next release that is recorded makes a new one.";
  }
  return otherwise;
}

/**
 * SQLITE_READONLY and SQLITE_CANTOPEN (14) in SQLite's or libsql's words; the system's if a folder can't be
 * created.
 */
export function isDenied(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ("code" in cause && ["EACCES", "EROFS", "EPERM"].includes(String(cause.code))) return true;
  return /readonly database|unable to open database file|unable to open connection .*: 14\b/i.test(
    cause.message,
  );
}

/**
 * The rows of a query. undefined: there is no such table.
 *
 * Under another's lock SQLite goes by the schema that it read last, and misses a table created since. So the
 * file is asked for its tables, which meets the lock, or makes SQLite read the schema again.
 */
export function rowsOf(
  { connection, prepare }: OpenFile,
  sql: string,
  values: readonly (string | number | null)[],
): unknown[] | undefined {
  try {
    return prepare(sql).all(...values);
  } catch (error) {
    if (!isMissingTable(error)) throw error;
  }
  connection.prepare("select name from sqlite_master limit 1").all();
  try {
    return prepare(sql).all(...values);
  } catch (error) {
    if (isMissingTable(error)) return undefined;
    throw error;
  }
}

function isMissingTable(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no such table: intermission");
}
