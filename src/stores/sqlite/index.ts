import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { IntermissionError, isIntermissionError, show } from "../../core/errors.ts";
import type { Store, StoreRecord } from "../../core/ports.ts";
import { storeClosed, storeFailed } from "../failure.ts";
import { loadDriver, type OpenConnection, type SqliteConnection, type SqliteStatement } from "./driver.ts";
import { watchFile } from "./file-watch.ts";

export interface SqliteStoreOptions {
  /** Path of the database file, from the working directory where it is relative. Made by the first write. */
  readonly path: string;
}

/** Milliseconds for which an operation is tried while others hold the file's lock. */
const readLimit = 1000;
const writeLimit = 3500;

/**
 * Milliseconds for which a commit may wait for those who are reading. The drivers are synchronous, and the whole process
 * waits with them. So nothing else waits for a lock at all: the store tries again after a pause in which the app goes
 * on.
 */
const commitPatience = 20;

// The journal stays SQLite's default, a rollback journal. WAL needs write access to the folder even to read: an app
// that runs as another user than its deploy could read nothing. It gains nothing either for a record that is written
// once a deploy.
const createTable = `create table if not exists intermission (
  app text primary key,
  version integer not null,
  value text not null,
  current_release text,
  updated_at text
)`;
const selectRecord = `select version, case when version = ? then null else value end as value
  from intermission where app = ?`;
const insertRecord = `insert into intermission (app, version, value, current_release, updated_at)
  values (?, 1, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) on conflict (app) do nothing`;
const updateRecord = `update intermission
  set version = version + 1, value = ?, current_release = ?, updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  where app = ? and version = ?`;

/**
 * Keeps the record in a SQLite file, for all processes of one machine: the store when there is no server. Don't put
 * the file on a network file system, whose locks SQLite can't trust.
 *
 * Needs `node:sqlite` (Node >= 22.13, Bun, Deno) or the package libsql.
 *
 * @throws IntermissionError `bad-option`
 */
export function sqliteStore(options: SqliteStoreOptions | string): Store {
  const path = toPath(typeof options === "string" ? options : options.path);
  let driver: OpenConnection | undefined;
  let open: OpenFile | undefined;
  let closed = false;
  const watches = new Set<() => void>();

  /** The file as it is now; undefined if there is none. */
  function connect(openConnection: OpenConnection): OpenFile | undefined {
    // It may have been deleted, or another moved into its place: what is open then is a file without a name.
    const identity = identify(path);
    if (open?.identity === identity) return open;
    disconnect();
    return identity === undefined ? undefined : openFile(openConnection);
  }

  function connectOrCreate(openConnection: OpenConnection): OpenFile {
    const existing = connect(openConnection);
    if (existing !== undefined) return existing;
    mkdirSync(dirname(path), { recursive: true });
    return openFile(openConnection);
  }

  function openFile(openConnection: OpenConnection): OpenFile {
    const connection = openConnection(path);
    open = { connection, identity: identify(path) };
    connection.exec("pragma busy_timeout = 0");
    return open;
  }

  function disconnect(): void {
    const file = open;
    open = undefined;
    try {
      file?.connection.close();
    } catch {
      // A connection that can't be closed is as gone as one that can.
    }
  }

  // Not one statement by itself: libsql leaves a statement that met a lock unfinished, and SQLite then commits none of
  // those that follow it, though each says that it changed its row. Here only `begin` and `commit` can meet a lock.
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
      await pause(5 + Math.random() * 20);
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
    );

  return {
    read(app, knownVersion) {
      return attempt(readLimit, unreadable, (openConnection) => {
        const file = connect(openConnection);
        if (file === undefined) return { version: 0 };
        try {
          // Every row, though there is one at most: a statement left half-way keeps the file locked.
          const select = (file.select ??= file.connection.prepare(selectRecord));
          return toRecord(select.all(knownVersion ?? -1, app)[0], knownVersion);
        } catch (error) {
          if (isMissingTable(error)) return { version: 0 };
          throw error;
        }
      });
    },

    write(app, value, expectedVersion, currentRelease) {
      return attempt(writeLimit, unwritable, (openConnection) => {
        const file = connectOrCreate(openConnection);
        const { connection } = file;
        return transact(connection, () => {
          connection.exec(createTable);
          const release = currentRelease ?? null;
          const { changes } =
            expectedVersion === 0
              ? (file.insert ??= connection.prepare(insertRecord)).run(app, value, release)
              : (file.update ??= connection.prepare(updateRecord)).run(value, release, app, expectedVersion);
          return Number(changes) === 1;
        });
      });
    },

    async watch(_app, changed) {
      if (closed) throw storeClosed();
      const stop = watchFile(path, changed);
      watches.add(stop);
      return async () => {
        watches.delete(stop);
        stop();
      };
    },

    async migrate() {
      await attempt(writeLimit, unwritable, (openConnection) => {
        const { connection } = connectOrCreate(openConnection);
        transact(connection, () => connection.exec(createTable));
      });
    },

    async close() {
      closed = true;
      for (const stop of watches) stop();
      watches.clear();
      disconnect();
    },
  } satisfies Store;
}

interface OpenFile {
  readonly connection: SqliteConnection;
  /** Device and inode. */
  readonly identity: string | undefined;
  // Prepared once: libsql frees a statement, and with it the file, only when it is collected as garbage.
  select?: SqliteStatement;
  insert?: SqliteStatement;
  update?: SqliteStatement;
}

function toPath(path: unknown): string {
  const problem = "The path of the SQLite file can't be used";
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw new IntermissionError("bad-option", { problem, expected: "the path of a file", got: show(path) });
  }
  if (path === ":memory:") {
    throw new IntermissionError("bad-option", {
      problem,
      expected: "the path of a file",
      got: show(path),
      remedy: "For a store in memory use `memory:`, or memoryStore(). Other processes don't see it.",
    });
  }
  return resolve(path);
}

function identify(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${String(stats.dev)}:${String(stats.ino)}`;
}

function toRecord(row: unknown, knownVersion: number | undefined): StoreRecord {
  if (row === undefined) return { version: 0 };
  const { version, value } = row as { readonly version: number; readonly value: string | null };
  if (value === null || version === knownVersion) return { version, unchanged: true };
  return { version, value };
}

/** SQLITE_BUSY and SQLITE_LOCKED with their extended codes, as `node:sqlite` and libsql name them. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (typeof errcode === "number") return (errcode & 0xff) === 5 || (errcode & 0xff) === 6;
  return typeof code === "string" && /^SQLITE_(?:BUSY|LOCKED)/.test(code);
}

/** By SQLite's own words: the drivers name its codes differently. */
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

function isMissingTable(error: unknown): boolean {
  return error instanceof Error && error.message.includes("no such table: intermission");
}
