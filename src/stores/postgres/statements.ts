/** A row of an answer. */
export type Row = Readonly<Record<string, unknown>>;

/** The channel for changes; the payload is the app. */
export const channel = "intermission";

const now = "extract(epoch from clock_timestamp()) * 1000 as now";

/** The id of the server process, and whether the server is a replica. */
export const selectServer = "select pg_backend_pid() as pid, pg_is_in_recovery() as replica";

/** For people who look at pg_stat_activity, unless the app or the URL has named the connection. */
export const nameSession = `select set_config('application_name', 'intermission', false) where current_setting('application_name') = ''`;

/**
 * Goes before statements that create something: two that create the same at once would leave an error in the
 * server's log. The lock ends with its transaction. Its number is random.
 */
export const alone = "select pg_advisory_xact_lock(5208642047)";

/** SQL for tables in one schema. */
export interface Statements {
  readonly createSchema: string | undefined;
  readonly createTable: string;
  /** One row: whether the table exists, and in which other schemas it does. */
  readonly selectTable: string;
  /** Always one row: without a record, `version` is null. An unchanged value is not sent. */
  selectRecord(app: string, knownVersion: number, knownStart?: string): string;
  /** One row: whether row-level security applies to this user, and may hide the record. */
  readonly selectHidden: string;
  /** Writes and notifies in one statement, so that only a successful write notifies. One row: written. */
  writeRecord(
    app: string,
    value: string,
    expectedVersion: number,
    currentRelease: string | undefined,
  ): string;
}

/** @param schema Undefined: the first of the search path. */
export function createStatements(schema?: string): Statements {
  const table = tableIn(schema, "intermission");
  const found = `to_regclass(${literal(table)})`;
  return {
    createSchema:
      schema === undefined ? undefined : `${alone}; create schema if not exists ${identifier(schema)}`,
    createTable: `${alone}; create table if not exists ${table} (
  app text primary key,
  version bigint not null,
  value text not null,
  current_release text,
  updated_at timestamptz not null default now()
)`,
    selectTable: `select ${found} is not null as found, ${now}, pg_is_in_recovery() as replica,
      ${schema === undefined ? "current_schema()" : literal(schema)} as schema,
      ${schema === undefined ? "true" : `to_regnamespace(${literal(identifier(schema))}) is not null`} as "hasSchema",
      case when ${found} is null then (
        select string_agg(n.nspname || case when has_schema_privilege(n.oid, 'usage') then '' else ' (closed)' end, ', ')
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relname = 'intermission' and c.relkind in ('r', 'p')
          and (has_schema_privilege(n.oid, 'usage') or n.nspname = any(string_to_array(replace(replace(
            current_setting('search_path'), '"$user"', current_user), ' ', ''), ',')))
      ) end as elsewhere`,
    selectRecord(app, knownVersion, knownStart) {
      const isKnown = `version = ${integer(knownVersion)}${
        knownStart === undefined
          ? ""
          : ` and left(value, ${integer(knownStart.length)}) = ${literal(knownStart)}`
      }`;
      return `select version, case when ${isKnown} then null else value end as value, ${now},
    pg_is_in_recovery() as replica
    from (select 1) as always left join ${table} on app = ${literal(app)}`;
    },
    selectHidden: `select row_security_active(${literal(table)}) as hidden`,
    writeRecord(app, value, expectedVersion, currentRelease) {
      const release = currentRelease === undefined ? "null" : literal(currentRelease);
      const write =
        expectedVersion === 0
          ? `insert into ${table} (app, version, value, current_release, updated_at)
         values (${literal(app)}, 1, ${literal(value)}, ${release}, now())
         on conflict (app) do nothing returning app`
          : `update ${table}
         set version = version + 1, value = ${literal(value)}, current_release = ${release}, updated_at = now()
         where app = ${literal(app)} and version = ${integer(expectedVersion)} returning app`;
      return `with written as (${write}) select pg_notify('${channel}', app) from written`;
    },
  };
}

/** The quoted name for a statement. */
export function tableIn(schema: string | undefined, table: string): string {
  return schema === undefined ? table : `${identifier(schema)}.${table}`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Limits the statement on the server too, in one message and one transaction. If only the client gave up, the
 * query would go on waiting for its lock and occupy a server connection, once a second for each instance. As
 * a connection setting the limit would not get past PgBouncer, which refuses it.
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
