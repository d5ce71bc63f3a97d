import { show } from "../../core/errors.ts";
import { storeDenied } from "../shared/failure.ts";
import { redactUrl } from "../shared/url.ts";
import type { PostgresPool } from "./pool.ts";
import type { Row } from "./statements.ts";

export const replicaNotice =
  "The PostgreSQL store reads from a replica, which knows of a release only after its delay. Name the server that is written to for errors to be right at once.";

export interface FoundTable {
  readonly found: boolean;
  readonly hasSchema: boolean;
  /** The server's time, in milliseconds since 1970. */
  readonly now: number;
  readonly isReplica: boolean;
  /** Schemas that have such a table, if it was not found. */
  readonly elsewhere: string | undefined;
}

export function toFoundTable(row: Row | undefined): FoundTable {
  return {
    found: row?.["found"] === true,
    hasSchema: row?.["hasSchema"] === true,
    now: Number(row?.["now"]),
    isReplica: row?.["replica"] === true,
    elsewhere: typeof row?.["elsewhere"] === "string" ? row["elsewhere"] : undefined,
  };
}

/** For a table whose rows this user must not see: it looks empty. */
export function hidesRecords(): Error {
  return storeDenied(
    "The PostgreSQL store may not see any record",
    new Error("row-level security applies to this user on the table intermission"),
    "Run: alter table intermission disable row level security, or create a policy for this user.",
  );
}

/** @throws IntermissionError `store-denied` for a schema in the search path that this user may not use */
export function noticeElsewhere(elsewhere: string | undefined): { readonly notice?: string } {
  if (elsewhere === undefined) return {};
  const schemas = elsewhere.split(", ");
  const closed = schemas.find((schema) => schema.endsWith(" (closed)"))?.replace(" (closed)", "");
  if (closed !== undefined) {
    throw storeDenied(
      "The PostgreSQL store may not use its schema",
      new Error(`this user has no right on the schema ${closed}`),
      `Run: grant usage on schema ${show(closed)} to this user. \`intermission migrate --print-grants\` prints all that is needed.`,
    );
  }
  return {
    notice: `The PostgreSQL store has no table in its own schema, but there is one in ${schemas.join(", ")}. If releases are recorded there, name it with ?schema=.`,
  };
}

/** The address of the app's pool, without its password. */
export function addressOf(pool: PostgresPool): string {
  const { options } = pool as { readonly options?: Readonly<Record<string, unknown>> };
  const { connectionString, host, port, database } = options ?? {};
  if (typeof connectionString === "string") return redactUrl(connectionString);
  const text = (value: unknown, before: string): string =>
    typeof value === "string" || typeof value === "number" ? `${before}${String(value)}` : "";
  return host === undefined && database === undefined
    ? "PostgreSQL, by the app's pool"
    : `postgres://${text(host, "")}${text(port, ":")}${text(database, "/")}`;
}
