import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, isIntermissionError, reasonOf, show } from "../../core/errors.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { parseAddress } from "../../stores/mysql/address.ts";
import { connectTo } from "../../stores/mysql/client.ts";
import { parseAddress as parsePostgres } from "../../stores/postgres/address.ts";
import { connectByUrl } from "../../stores/postgres/client.ts";
import { redactUrl } from "../../stores/shared/url.ts";
import { databaseFile } from "../../stores/sqlite/database-file.ts";

/** The table of django-maintenance-page: https://github.com/divio/django-maintenance-page */
export const djangoTable = "django_maintenance_page_release";

/** A row of that table. */
export interface DjangoRelease {
  readonly identifier: string;
  /** When it was recorded, in milliseconds since 1970; NaN: not a time. */
  readonly at: number;
}

/** Milliseconds until a database that does not answer is given up. */
const answerWithin = 5000;

/** More than a history keeps, because some may be skipped. */
const mostRows = 1000;

// There the newest timestamp is the current release. Between equal ones, the later row wins.
const newestFirst = (column: string): string => `order by ${column} desc, id desc limit ${String(mostRows)}`;

/**
 * Reads what `manage.py create_release` recorded, oldest first. Writes and creates nothing.
 *
 * @param url `postgres://…`, `mysql://…` or `sqlite:PATH`, as for a store.
 * @param zone Of times that the database keeps without one. Django keeps UTC there, or with `USE_TZ = False`
 * its `TIME_ZONE`: https://docs.djangoproject.com/en/5.2/topics/i18n/timezones/
 * @throws IntermissionError `bad-option`, `store-failed`, `client-missing`
 */
export async function readDjangoReleases(url: string, zone = "UTC"): Promise<readonly DjangoRelease[]> {
  const scheme = /^([a-z]+):/i.exec(url)?.[1]?.toLowerCase() ?? "";
  const read = Object.hasOwn(readers, scheme) ? readers[scheme] : undefined;
  if (read === undefined) throw badUrl(url);
  try {
    const rows = await withTimeLimit(systemClock, answerWithin, read(url));
    return rows.map((row) => toRelease(row, zone)).toReversed();
  } catch (error) {
    throw isIntermissionError(error) ? error : unreadable(error);
  }
}

interface Row {
  readonly identifier: unknown;
  /** Milliseconds as text; from SQLite, a time as Django writes it there. */
  readonly recorded: unknown;
  /** Its time zone is known. */
  readonly zoned?: unknown;
}

const readers: Readonly<Record<string, (url: string) => Promise<readonly Row[]>>> = {
  postgres: readPostgres,
  postgresql: readPostgres,
  mysql: readMysql,
  mariadb: readMysql,
  sqlite: readSqlite,
};

async function readPostgres(url: string): Promise<readonly Row[]> {
  const { pool, close } = await connectByUrl(parsePostgres(url));
  try {
    const text = `select identifier, (extract(epoch from "timestamp") * 1000)::text as recorded,
        pg_typeof("timestamp") = 'timestamptz'::regtype as zoned
      from ${djangoTable} ${newestFirst('"timestamp"')}`;
    const { rows } = (await pool.query({ text, query_timeout: answerWithin })) as { readonly rows: Row[] };
    return rows;
  } finally {
    void close();
  }
}

async function readMysql(url: string): Promise<readonly Row[]> {
  const { pool, close } = await connectTo(parseAddress(url));
  try {
    const connection = await pool.getConnection();
    const sql = `select identifier,
        cast(timestampdiff(microsecond, '1970-01-01', \`timestamp\`) / 1000 as char) as recorded
      from ${djangoTable} ${newestFirst("`timestamp`")}`;
    const [rows] = await connection.query({ sql, timeout: answerWithin });
    connection.release();
    return rows as readonly Row[];
  } finally {
    void close();
  }
}

async function readSqlite(url: string): Promise<readonly Row[]> {
  const path = url.trim().slice("sqlite:".length).replace(/^\/\//, "");
  const file = databaseFile(path);
  try {
    return await file.read((open) => {
      if (open === undefined) {
        throw new IntermissionError("store-failed", {
          problem: `There is no file ${show(path)}`,
          remedy: "Name Django's database: --database sqlite:db.sqlite3, or sqlite:/srv/shop/db.sqlite3.",
        });
      }
      const sql = `select identifier, "timestamp" as recorded from ${djangoTable} ${newestFirst('"timestamp"')}`;
      try {
        return open.prepare(sql).all() as readonly Row[];
      } catch (error) {
        // Anything else may be a lock, which is worth a retry.
        throw isMissingTable(error) ? unreadable(error) : error;
      }
    });
  } finally {
    file.close();
  }
}

function toRelease({ identifier, recorded, zoned }: Row, zone: string): DjangoRelease {
  const text = String(recorded);
  const [, day, time, offset] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*([+-]\d\d:\d\d)?/.exec(text) ?? [];
  const at =
    day === undefined || time === undefined ? Number(text) : Date.parse(`${day}T${time}${offset ?? "Z"}`);
  const isZoned = zoned === true || offset !== undefined || !Number.isFinite(at);
  return { identifier: String(identifier).trim(), at: Math.round(isZoned ? at : toUtc(at, zone)) };
}

/** @param local What the clock showed, as if it were UTC. */
function toUtc(local: number, zone: string): number {
  // Twice: the first guess may be on the other side of a change to or from summer time.
  const guess = local - offsetAt(local, zone);
  return local - offsetAt(guess, zone);
}

/** Milliseconds that a clock in this zone is ahead of UTC. */
function offsetAt(time: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(time);
  const part = (name: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find(({ type }) => type === name)?.value);
  const shown = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return shown - Math.floor(time / 1000) * 1000;
}

function badUrl(url: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "The URL of Django's database can't be used",
    expected: "postgres:// or mysql:// with USER:PASSWORD@HOST/DATABASE, or sqlite:PATH",
    got: show(redactUrl(url)),
  });
}

function unreadable(cause: unknown): IntermissionError {
  const missing = isMissingTable(cause);
  return new IntermissionError("store-failed", {
    problem: missing
      ? `There is no table ${djangoTable} in that database`
      : `The table ${djangoTable} could not be read`,
    got: reasonOf(cause),
    remedy: missing
      ? "Name the database in which django-maintenance-page has recorded its releases: --database URL."
      : "Check that the database is running, and that this user may read the table.",
    cause,
  });
}

/**
 * SQLSTATE `undefined_table`, ER_NO_SUCH_TABLE, and SQLite's message, because it has one code for every
 * mistake.
 */
function isMissingTable(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const code = "code" in cause ? cause.code : undefined;
  return code === "42P01" || code === "ER_NO_SUCH_TABLE" || cause.message.includes("no such table");
}
