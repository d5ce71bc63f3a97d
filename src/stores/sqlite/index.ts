import { requireModule } from "../../core/runtime.ts";
import { IntermissionError, show } from "../../core/errors.ts";
import type { Store, StoreRecord } from "../../core/ports.ts";
import { storeClosed } from "../shared/failure.ts";
import { databaseFile, rowsOf } from "./database-file.ts";
import { watchFile } from "./file-watch.ts";
import { sqliteReports } from "./reports.ts";

export interface SqliteStoreOptions {
  /**
   * Path of the database file; a relative one starts at the working directory. The first write creates it.
   */
  readonly path: string;
  /**
   * A new file and its folder are their group's too, for an app and a deploy of different users.
   * @default false
   */
  readonly group?: boolean | undefined;
}

// The journal stays SQLite's default, a rollback journal. WAL needs write access to the folder even to read,
// so an app that runs as another user than its deploy could read nothing. For a record written once per
// deploy it gains nothing.
const createTable = `create table if not exists intermission (
  app text primary key,
  version integer not null,
  value text not null,
  current_release text,
  updated_at text
)`;
const selectRecord = `select version,
  case when version = ?1 and substr(value, 1, length(?2)) = ?2 then null else value end as value
  from intermission where app = ?3`;
const insertRecord = `insert into intermission (app, version, value, current_release, updated_at)
  values (?, 1, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) on conflict (app) do nothing`;
const updateRecord = `update intermission
  set version = version + 1, value = ?, current_release = ?, updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  where app = ? and version = ?`;

/**
 * Keeps the record in a SQLite file, for all processes of one machine: the store if there is no server. Don't
 * put the file on a network file system, whose locks SQLite can't trust.
 *
 * Needs `node:sqlite` (Node >= 22.13, Bun, Deno) or the package libsql.
 *
 * @throws IntermissionError `bad-option`
 */
export function sqliteStore(options: SqliteStoreOptions | string): Store {
  const { path: given, group = false } = typeof options === "string" ? { path: options } : options;
  const path = toPath(given);
  const file = databaseFile(path, { group });
  const reports = sqliteReports(path, group);
  const watches = new Set<() => void>();
  let closed = false;

  return {
    place: path,

    read(app, knownVersion, knownStart = "") {
      return file.read((opened) => {
        // The machine's clock, which everybody who uses the file shares.
        const now = Date.now();
        if (opened === undefined) return { version: 0, now };
        // All rows, though there is at most one: an unfinished statement keeps the file locked.
        const rows = rowsOf(opened, selectRecord, [knownVersion ?? -1, knownStart, app]);
        return rows === undefined ? { version: 0, now } : { ...toRecord(rows[0]), now };
      });
    },

    write(app, value, expectedVersion, currentRelease) {
      return file.write(({ connection, prepare }) => {
        connection.exec(createTable);
        const release = currentRelease ?? null;
        const { changes } =
          expectedVersion === 0
            ? prepare(insertRecord).run(app, value, release)
            : prepare(updateRecord).run(value, release, app, expectedVersion);
        return Number(changes) === 1;
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
      await file.write(({ connection }) => connection.exec(createTable));
    },

    reports,

    async close() {
      closed = true;
      for (const stop of watches) stop();
      watches.clear();
      file.close();
      reports.close();
    },
  } satisfies Store;
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
  return requireModule("node:path").resolve(path);
}

function toRecord(row: unknown): StoreRecord {
  if (row === undefined) return { version: 0 };
  const { version, value } = row as { readonly version: number; readonly value: string | null };
  if (value === null) return { version, unchanged: true };
  return { version, value };
}
