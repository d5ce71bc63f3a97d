import fc from "fast-check";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../../../test/servers/mariadb.ts";
import { literal, selectRecord, updateRecord, withTimeout } from "./statements.ts";

const server = { available: isMariadbAvailable(), packageName: "mariadb-server" };

describeWithServer("a text in a MySQL statement", server, () => {
  let mariadb: MariadbServer;
  let connection: Connection;
  beforeAll(async () => {
    mariadb = await startMariadb();
    connection = await mariadb.connect();
  });
  afterAll(async () => {
    await connection.end();
    await mariadb.stop();
  });

  test.each(["", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES"])(
    "comes back as it was, with sql_mode '%s'",
    async (mode) => {
      await connection.query(`set sql_mode = '${mode}'; set names latin1`);
      const special = fc.constantFrom(
        "'",
        "\\",
        "\\'",
        '"',
        "`",
        ";",
        "-- ",
        "/*",
        "?",
        ":name",
        "\0",
        "\n",
        "🚧",
      );
      const character = fc.string({ unit: "binary", minLength: 1, maxLength: 1 });
      const texts = fc.array(fc.oneof(special, character), { maxLength: 30 }).map((parts) => parts.join(""));
      await fc.assert(
        fc.asyncProperty(texts, async (drawn) => {
          // Lone surrogates have no UTF-8.
          const text = Buffer.from(drawn).toString();
          const [rows] = await connection.query(`select cast(${literal(text)} as binary) as bytes`);
          expect((rows as { bytes: Buffer }[])[0]?.bytes.toString()).toBe(text);
        }),
        { numRuns: 200 },
      );
    },
  );

  test("the limit of a statement ends with it", async () => {
    await expect(connection.query(withTimeout(50, "select sleep(5)"))).rejects.toMatchObject({ errno: 1969 });
    await connection.query(withTimeout(50, "select 1"));
    const [rows] = await connection.query("select @@max_statement_time + 0 as seconds");
    expect(rows).toEqual([{ seconds: 0 }]);
  });
});

test("MySQL, which skips the comment that is MariaDB's, finds its own hint behind the first word", () => {
  const statement = withTimeout(900, "select 1")
    .replace(/\/\*M!.*?\*\//g, "")
    .trim();
  expect(statement).toBe("select /*+ max_execution_time(900) */ 1");
});

test("what can't be in a statement is refused", () => {
  expect(() => selectRecord("app", Number.NaN)).toThrow(TypeError);
  expect(() => updateRecord("app", "value", 1.5, undefined)).toThrow(TypeError);
  expect(() => withTimeout("1; drop table x" as never, "select 1")).toThrow(TypeError);
});
