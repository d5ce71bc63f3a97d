import { type IntermissionError } from "../../core/errors.ts";
import { maximumReports, type ReportList, type ReportStore } from "../../core/ports.ts";
import { storeDenied } from "../shared/failure.ts";
import { oneIn, sweepAtMost, sweepEvery } from "../shared/sweep.ts";
import { codeOf, createdMeanwhile, replicaRefuses, toFailure, undefinedTable } from "./failure.ts";
import { alone, literal, tableIn, type Row } from "./statements.ts";

export interface PostgresReportsOptions {
  /** Runs one statement, and gives it up after so many milliseconds. */
  readonly run: (statement: string, milliseconds: number) => Promise<readonly Row[]>;
  readonly schema: string | undefined;
}

/** Milliseconds in which an operation settles. */
const limit = 3500;

const clock = "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now";

/** insufficient_privilege, and read_only_sql_transaction: a replica, or a read-only user. */
const denied = new Set(["42501", "25006"]);

/** Reports in a separate table, `intermission_report`, next to the records'. */
export function postgresReports({
  run,
  schema,
}: PostgresReportsOptions): ReportStore & { migrate(): Promise<void> } {
  const table = tableIn(schema, "intermission_report");
  const found = `to_regclass(${literal(table)})`;
  // No index on a time, so that updating a row touches no index and leaves nothing to vacuum there.
  const createTable = `${alone}; create table if not exists ${table} (
  app text not null,
  id text not null,
  value text not null,
  put_at bigint not null,
  keep_until bigint not null,
  primary key (app, id)
)`;
  const selectTable = `select ${found} is not null as found, now, pg_is_in_recovery() as replica from (${clock}) as clock`;
  const sweep = `delete from ${table} where ctid = any(array(
  select ctid from ${table} where keep_until <= (${clock})
  limit ${String(sweepAtMost)} for update skip locked))`;
  let hasTable = false;

  async function findTable(): Promise<{
    readonly found: boolean;
    readonly isReplica: boolean;
    readonly now: number;
  }> {
    const [row] = await run(selectTable, limit);
    hasTable = row?.["found"] === true;
    return { found: hasTable, isReplica: row?.["replica"] === true, now: Number(row?.["now"]) };
  }

  async function ensureTable(): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      // If the table exists, the right to create one may be missing.
      if (hasTable) return;
      const { found, isReplica } = await findTable();
      // It may have become a replica since, and each refused write would be an error in its log.
      if (isReplica) throw replicaRefuses();
      if (found) return;
      try {
        await run(createTable, limit);
      } catch (error) {
        if (attempts >= 5 || !createdMeanwhile.has(codeOf(error) ?? "")) throw error;
      }
    }
  }

  async function upsert(statement: string): Promise<void> {
    await ensureTable();
    try {
      await run(statement, limit);
    } catch (error) {
      if (codeOf(error) === undefinedTable) hasTable = false;
      throw error;
    }
  }

  return {
    async put(app, id, value, keepFor) {
      const statement = `insert into ${table} (app, id, value, put_at, keep_until)
        select ${literal(app)}, ${literal(id)}, ${literal(value)}, now, now + ${String(Math.round(keepFor))}
        from (${clock}) as clock
        on conflict (app, id) do update
        set value = excluded.value, put_at = excluded.put_at, keep_until = excluded.keep_until`;
      try {
        await upsert(statement);
      } catch (error) {
        throw failureOf(error);
      }
      // If it fails, it can wait until next time.
      if (oneIn(sweepEvery)) await run(sweep, limit).catch(() => undefined);
    },

    async list(app, within) {
      const since = within === undefined ? "" : `and put_at >= now - ${String(Math.ceil(within))}`;
      try {
        if (!hasTable) {
          const { found, now } = await findTable();
          if (!found) return { now, reports: [] };
        }
        const rows = await run(
          `select now, id, value, put_at from (${clock}) as clock left join ${table}
            on app = ${literal(app)} and keep_until > now ${since}
            order by put_at desc limit ${String(maximumReports)}`,
          limit,
        );
        return toList(rows);
      } catch (error) {
        throw toFailure("could not list its reports", error);
      }
    },

    async migrate() {
      await ensureTable();
    },
  };

  function failureOf(error: unknown): IntermissionError {
    if (!denied.has(codeOf(error) ?? "")) return toFailure("could not keep a report", error);
    return storeDenied(
      "The PostgreSQL store may not keep reports",
      error,
      "Run `intermission migrate` as a user who may create tables, then grant select, insert, update and delete on the table intermission_report. `intermission migrate --print-grants` prints all that is needed.",
    );
  }
}

/** From at least one row: without a report, its id is null. */
function toList(rows: readonly Row[]): ReportList {
  return {
    now: Number(rows[0]?.["now"]),
    reports: rows
      .filter((row) => row["id"] !== null)
      .map((row) => ({ id: String(row["id"]), value: String(row["value"]), at: Number(row["put_at"]) })),
  };
}
