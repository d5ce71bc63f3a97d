import { requireModule } from "../../core/runtime.ts";
import { IntermissionError, show } from "../../core/errors.ts";
import { maximumReports, type ReportStore, type StoredReport } from "../../core/ports.ts";
import { storeDenied } from "../shared/failure.ts";
import { oneIn, sweepEvery, sweepAtMost } from "../shared/sweep.ts";
import { databaseFile, isDenied, rowsOf, type OpenFile } from "./database-file.ts";

const createTable = `create table if not exists intermission_report (
  app text not null,
  id text not null,
  value text not null,
  put_at integer not null,
  keep_until integer not null,
  primary key (app, id)
)`;
const upsert = `insert into intermission_report (app, id, value, put_at, keep_until) values (?, ?, ?, ?, ?)
  on conflict (app, id) do update
  set value = excluded.value, put_at = excluded.put_at, keep_until = excluded.keep_until`;
const selectReports = `select id, value, put_at as at from intermission_report
  where app = ? and keep_until > ? and put_at >= ? order by put_at desc limit ${String(maximumReports)}`;
const sweep = `delete from intermission_report where rowid in
  (select rowid from intermission_report where keep_until <= ? limit ${String(sweepAtMost)})`;

// A report lost in a power failure is replaced by the next; time an app spends waiting for a disk is not.
const pragmas = "pragma synchronous = off";

/**
 * Reports in a separate file next to the record's: whoever puts them needs no lock on the record, changes
 * nothing that is watched, and may be forbidden to write the record.
 */
export function sqliteReports(recordPath: string, group: boolean): ReportStore & { close(): void } {
  const file = databaseFile(`${recordPath}-reports`, { pragmas, group });

  return {
    async put(app, id, value, keepFor) {
      // When a missing volume returns, it must not find a new folder in its place.
      if (!requireModule("node:fs").existsSync(recordPath)) throw noRecord(recordPath);
      const work = ({ connection, prepare }: OpenFile): void => {
        const now = Date.now();
        connection.exec(createTable);
        prepare(upsert).run(app, id, value, now, now + Math.round(keepFor));
        if (oneIn(sweepEvery)) prepare(sweep).run(now);
      };
      try {
        await file.write(work);
      } catch (error) {
        if (!(error instanceof Error) || !isDenied(error.cause)) throw error;
        throw storeDenied(
          "Reports can't be written beside the SQLite file",
          error.cause,
          "Allow this process to write in its folder.",
        );
      }
    },

    list(app, within = Number.POSITIVE_INFINITY) {
      return file.read((opened) => {
        const now = Date.now();
        if (opened === undefined) return { now, reports: [] };
        const rows = rowsOf(opened, selectReports, [app, now, Math.max(0, Math.ceil(now - within))]);
        return { now, reports: (rows ?? []) as readonly StoredReport[] };
      });
    },

    close: file.close,
  };
}

function noRecord(path: string): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: `There is no SQLite file ${show(path)} beside which reports could be kept`,
    remedy: "Record a release: intermission create-release.",
  });
}
