/** The channel that tells of changes, with the app as payload. */
export const channel = "intermission";

export const createTable = `create table if not exists intermission (
  app text primary key,
  version bigint not null,
  value text not null,
  current_release text,
  updated_at timestamptz not null default now()
)`;

const now = "extract(epoch from clock_timestamp()) * 1000 as now";

export const selectTable = `select count(to_regclass('intermission')) as found, ${now}`;

/** For a connection of its own: there a limit can hold for every statement. */
export function listen(milliseconds: number): string {
  return `set statement_timeout = ${integer(milliseconds)}; listen ${channel}`;
}

/** One row, always: without a record, `version` is null. An unchanged value is not sent. */
export function selectRecord(app: string, knownVersion: number): string {
  return toSelect(literal(app), integer(knownVersion));
}

/** The same, prepared: it costs the server half. Only for a connection of its own, which no PgBouncer hands round. */
export function preparedRecord(
  app: string,
  knownVersion: number,
): { readonly name: string; readonly text: string; readonly values: (string | number)[] } {
  return { name: "intermission", text: toSelect("$1", "$2::bigint"), values: [app, knownVersion] };
}

function toSelect(app: string, knownVersion: string): string {
  return `select version, case when version = ${knownVersion} then null else value end as value,
    ${now}
    from (select 1) as always left join intermission on app = ${app}`;
}

/**
 * Writes and tells of it in one statement, so that only a write that won is told of. One row: it won.
 */
export function writeRecord(
  app: string,
  value: string,
  expectedVersion: number,
  currentRelease: string | undefined,
): string {
  const release = currentRelease === undefined ? "null" : literal(currentRelease);
  const write =
    expectedVersion === 0
      ? `insert into intermission (app, version, value, current_release, updated_at)
         values (${literal(app)}, 1, ${literal(value)}, ${release}, now())
         on conflict (app) do nothing returning app`
      : `update intermission
         set version = version + 1, value = ${literal(value)}, current_release = ${release}, updated_at = now()
         where app = ${literal(app)} and version = ${integer(expectedVersion)} returning app`;
  return `with written as (${write}) select pg_notify('${channel}', app) from written`;
}

/**
 * The statement with a limit on the server too, in one message and one transaction: a query that only the client has
 * given up would go on to wait for its lock, and hold one of the server's connections, once a second and instance.
 * As a setting of the connection the limit would not get past PgBouncer, which refuses it.
 *
 * Such a message takes no parameters, hence {@link literal}.
 */
export function withTimeout(milliseconds: number, statement: string): string {
  return `set local statement_timeout = ${integer(milliseconds)}; ${statement}`;
}

/** The text as an SQL string, whatever `standard_conforming_strings` is. */
export function literal(text: string): string {
  if (text.includes("\0")) throw new TypeError("PostgreSQL can't keep a text with the character U+0000");
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return quoted.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`expected a whole number, got ${String(value)}`);
  return String(value);
}
