import { toHex } from "../shared/bytes.ts";

// In utf8mb4_bin, unlike the default collations, names differ by case and accents.
export const createTable = `create table if not exists intermission (
  app varchar(127) not null primary key,
  version bigint not null,
  value mediumtext not null,
  current_release varchar(127),
  updated_at datetime(6) not null
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin`;

// Not unix_timestamp(now(6)): it is an hour off during the repeated hour when summer time ends.
const now = "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) / 1000 as now";

export const selectNow = `select ${now}`;

/**
 * Always one row: without a record, `version` is null. An unchanged value is not sent; otherwise it comes as
 * bytes, which no connection character set can change.
 */
export function selectRecord(app: string, knownVersion: number, knownStart = ""): string {
  return `select ${now}, version,
    case when version = ${integer(knownVersion)}${
      knownStart === ""
        ? ""
        : ` and left(value, ${integer(knownStart.length)}) = ${literal(knownStart)} collate utf8mb4_bin`
    } then null else cast(value as binary) end as value
    from (select 1 as one) as always left join intermission on app = ${literal(app)}`;
}

export function insertRecord(app: string, value: string, currentRelease: string | undefined): string {
  return `insert into intermission (app, version, value, current_release, updated_at)
    values (${literal(app)}, 1, ${literal(value)}, ${nullable(currentRelease)}, utc_timestamp(6))`;
}

export function updateRecord(
  app: string,
  value: string,
  expectedVersion: number,
  currentRelease: string | undefined,
): string {
  return `update intermission
    set version = version + 1, value = ${literal(value)}, current_release = ${nullable(currentRelease)},
      updated_at = utc_timestamp(6)
    where app = ${literal(app)} and version = ${integer(expectedVersion)}`;
}

/**
 * Limits the statement on the server too: if only the client gave up, the connection would be lost, and while
 * the table is locked or the server slow, each instance would open a new one every second.
 *
 * MariaDB reads the first comment and skips the second; MySQL does the reverse. MySQL limits selects only.
 */
export function withTimeout(milliseconds: number, statement: string): string {
  const limit = integer(milliseconds);
  const hinted = statement.replace(/^select /, `select /*+ max_execution_time(${limit}) */ `);
  return `/*M! set statement max_statement_time = ${limit} / 1000 for */ ${hinted}`;
}

/** As bytes, so that the connection's character set and NO_BACKSLASH_ESCAPES in `sql_mode` don't matter. */
export function literal(text: string): string {
  return `_utf8mb4 x'${toHex(text)}'`;
}

function nullable(text: string | undefined): string {
  return text === undefined ? "null" : literal(text);
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`expected a whole number, got ${String(value)}`);
  return String(value);
}
