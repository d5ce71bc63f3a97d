import type { IntermissionError } from "../../core/errors.ts";
import { maximumReports, type ReportList, type ReportStore } from "../../core/ports.ts";
import { countDown } from "../../core/time-limit.ts";
import { textOfBytes } from "../shared/bytes.ts";
import { storeDenied } from "../shared/failure.ts";
import { oneIn, sweepAtMost, sweepEvery } from "../shared/sweep.ts";
import { missingTable, numberOf, toFailure } from "./failure.ts";
import { literal } from "./statements.ts";

/** Milliseconds in which an operation settles. */
const limit = 3500;

const createTable = `create table if not exists intermission_report (
  app varchar(127) not null,
  id varchar(64) not null,
  value mediumtext not null,
  put_at bigint not null,
  keep_until bigint not null,
  primary key (app, id)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`;
const now = "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) div 1000";
const selectNow = `select ${now} as now`;
// Found without locks and deleted one by one, by key: a delete that searches locks every row it looks at.
const selectExpired = `select app, id from intermission_report where keep_until <= ${now} limit ${String(sweepAtMost)}`;

const selectOne = "select 1 from intermission_report limit 1";

/** Access denied: to the database, for the command, to the column. */
const denied = new Set([1044, 1142, 1143]);

/** Reports in a separate table, `intermission_report`, next to the records'. */
export function mysqlReports(
  run: (statement: string, remaining: () => number) => Promise<unknown>,
): ReportStore & { migrate(): Promise<void> } {
  const rows = async (statement: string, remaining: () => number): Promise<readonly Row[]> =>
    (await run(statement, remaining)) as readonly Row[];

  async function sweep(remaining: () => number): Promise<void> {
    const expired = await rows(selectExpired, remaining);
    if (expired.length === 0) return;
    const keys = expired.map(({ app, id }) => `(${literal(toText(app))}, ${literal(toText(id))})`);
    await run(
      `delete from intermission_report where (app, id) in (${keys.join(", ")}) and keep_until <= ${now}`,
      remaining,
    );
  }

  return {
    async put(app, id, value, keepFor) {
      const remaining = countDown(limit);
      const statement = `insert into intermission_report (app, id, value, put_at, keep_until)
        values (${literal(app)}, ${literal(id)}, ${literal(value)}, ${now}, ${now} + ${String(Math.round(keepFor))})
        on duplicate key update value = values(value), put_at = values(put_at), keep_until = values(keep_until)`;
      try {
        await run(statement, remaining).catch(async (error: unknown) => {
          if (numberOf(error) !== missingTable) throw error;
          await run(createTable, remaining);
          await run(statement, remaining);
        });
      } catch (error) {
        throw failureOf(error);
      }
      // If it fails, it can wait until next time.
      if (oneIn(sweepEvery)) await sweep(countDown(limit)).catch(() => undefined);
    },

    async list(app, within) {
      const remaining = countDown(limit);
      const since = within === undefined ? "" : `and put_at >= ${now} - ${String(Math.ceil(within))}`;
      const select = `select ${now} as now, id, cast(value as binary) as value, put_at
        from (select 1 as one) as always left join intermission_report
          on app = ${literal(app)} and keep_until > ${now} ${since}
        order by put_at desc limit ${String(maximumReports)}`;
      try {
        return toList(
          await rows(select, remaining).catch((error: unknown) => {
            if (numberOf(error) !== missingTable) throw error;
            return rows(selectNow, remaining);
          }),
        );
      } catch (error) {
        throw toFailure("could not list its reports", error);
      }
    },

    async migrate() {
      const remaining = countDown(limit);
      // If the table exists, the right to create one may be missing.
      await run(selectOne, remaining).catch((error: unknown) => {
        if (numberOf(error) !== missingTable) throw error;
        return run(createTable, remaining);
      });
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

function failureOf(error: unknown): IntermissionError {
  if (!denied.has(numberOf(error) ?? 0)) return toFailure("could not keep a report", error);
  return storeDenied(
    "The MySQL store may not keep reports",
    error,
    "Run `intermission migrate` as a user who may create tables, then grant select, insert, update and delete on the table intermission_report. `intermission migrate --print-grants` prints all that is needed.",
  );
}

/** From at least one row: without a report, its id is null or absent. */
function toList(rows: readonly Row[]): ReportList {
  return {
    now: Number(rows[0]?.["now"]),
    reports: rows
      .filter(({ id }) => id !== null && id !== undefined)
      .map((row) => ({ id: toText(row["id"]), value: toText(row["value"]), at: Number(row["put_at"]) })),
  };
}

function toText(value: unknown): string {
  return textOfBytes(value) ?? String(value);
}
