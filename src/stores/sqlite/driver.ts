import { findBuiltIn } from "../../core/runtime.ts";
import { clientUnavailable } from "../shared/failure.ts";

/** What `node:sqlite`, libsql and better-sqlite3 have in common. All of it is synchronous. */
export interface SqliteConnection {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

export interface SqliteStatement {
  all(...values: readonly (string | number | null)[]): unknown[];
  run(...values: readonly (string | number | null)[]): { readonly changes: number | bigint };
}

/** Opens a database file and creates it if missing. */
export type OpenConnection = (path: string) => SqliteConnection;

/**
 * The runtime's own SQLite (Node >= 22.13, Bun, Deno), else the package libsql.
 *
 * @throws IntermissionError `client-missing`
 */
export async function loadDriver(): Promise<OpenConnection> {
  // Not imported: bundlers refuse modules they don't know.
  const builtin = findBuiltIn("node:sqlite") as BuiltinSqlite | undefined;
  if (builtin !== undefined) return (path) => new builtin.DatabaseSync(path);
  try {
    const { default: Database } = await import(
      /* webpackIgnore: true */ /* turbopackIgnore: false */ "libsql"
    );
    return (path) => new Database(path) as unknown as SqliteConnection;
  } catch (error) {
    const { process } = globalThis as { readonly process?: { readonly versions: { readonly node: string } } };
    const runtime = process === undefined ? "this runtime" : `Node ${process.versions.node}`;
    throw clientUnavailable("libsql", `SQLite on ${runtime}`, error);
  }
}

interface BuiltinSqlite {
  readonly DatabaseSync: new (path: string) => SqliteConnection;
}
