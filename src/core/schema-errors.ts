/**
 * Whether the app's error says that the code and the database's schema don't match: an unknown column, table,
 * type, function or enum value, or an outdated prepared plan. Use it as the option `mask` to replace only
 * those errors.
 *
 * Understands the driver codes of PostgreSQL, MySQL, MariaDB and SQLite, and Prisma's own. Looks through the
 * wrappers of ORMs (`cause`, `original`, `parent`, `driverError`, `nativeError`). Never throws.
 */
export function schemaErrors(error: unknown): boolean {
  try {
    return chainOf(error).some(isSchemaError);
  } catch {
    // A getter on a foreign error may throw.
    return false;
  }
}

/** Deeper than any library nests its errors. */
const maximumDepth = 8;

const wrappers = ["cause", "original", "parent", "driverError", "nativeError"] as const;

function chainOf(error: unknown): readonly Readonly<Record<string, unknown>>[] {
  const found = new Set<Readonly<Record<string, unknown>>>();
  let level = [error];
  for (let depth = 0; depth < maximumDepth && level.length > 0; depth++) {
    const objects = level.filter(isObject).filter((one) => !found.has(one));
    for (const one of objects) found.add(one);
    level = objects.flatMap((one) => wrappers.map((name) => one[name]));
  }
  return [...found];
}

/**
 * SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html. `undefined_column`,
 * `undefined_table`, `undefined_object` (types), `undefined_function`, `invalid_schema_name`,
 * `datatype_mismatch`. Every driver of PostgreSQL reports these codes.
 */
const postgresCodes: ReadonlySet<unknown> = new Set(["42703", "42P01", "42704", "42883", "3F000", "42804"]);

/**
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, which MariaDB shares: unknown
 * column, missing table, unknown table, unknown procedure or function, statement needs to be prepared again.
 */
const mysqlCodes: ReadonlySet<unknown> = new Set([
  "ER_BAD_FIELD_ERROR",
  "ER_NO_SUCH_TABLE",
  "ER_UNKNOWN_TABLE",
  "ER_SP_DOES_NOT_EXIST",
  "ER_NEED_REPREPARE",
]);
const mysqlNumbers: ReadonlySet<unknown> = new Set([1054, 1146, 1109, 1305, 1615]);

/** https://www.prisma.io/docs/orm/reference/error-reference: the table or the column does not exist. */
const prismaCodes: ReadonlySet<unknown> = new Set(["P2021", "P2022"]);

/** Codes that are too general alone, each with the message that settles it. */
const doubtful: readonly (readonly [codes: ReadonlySet<unknown>, message: RegExp])[] = [
  [new Set(["22P02"]), /invalid input value for enum/],
  [new Set(["0A000"]), /cached plan must not change result type/],
  [new Set(["WARN_DATA_TRUNCATED", "ER_WRONG_VALUE_FOR_TYPE", 1265]), /Data truncated for column/],
  // SQLite has one code for every mistake in a statement, and drivers name it differently.
  [
    new Set(["SQLITE_ERROR", "ERR_SQLITE_ERROR", "SQL_INPUT_ERROR", 1]),
    /no such (?:table|column|function)|has no column named|table \S+ has \d+ columns/,
  ],
];

function isSchemaError(error: Readonly<Record<string, unknown>>): boolean {
  const codes = [error["code"], error["sqlState"], error["errno"], error["errcode"]];
  const message = typeof error["message"] === "string" ? error["message"].slice(0, 2000) : "";
  return (
    codes.some(
      (code) =>
        postgresCodes.has(code) ||
        mysqlCodes.has(code) ||
        prismaCodes.has(code) ||
        doubtful.some(([those, meant]) => those.has(code) && meant.test(message)),
    ) ||
    (isMysql(error) && mysqlNumbers.has(error["errno"]))
  );
}

/** A number alone could be any library's. */
function isMysql(error: Readonly<Record<string, unknown>>): boolean {
  return "sqlState" in error || "sqlMessage" in error;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
