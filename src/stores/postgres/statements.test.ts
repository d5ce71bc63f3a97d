import fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { createStatements, literal, withTimeout } from "./statements.ts";

const server = { available: isPostgresAvailable(), packageName: "postgresql" };

describeWithServer("a text in a PostgreSQL statement", server, () => {
  let postgres: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    client = new Client({ connectionString: postgres.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await postgres.stop();
  });

  test.each(["on", "off"])("comes back as it was, with standard_conforming_strings %s", async (setting) => {
    await client.query(`set standard_conforming_strings = ${setting}`);
    const special = fc.constantFrom(
      "'",
      "\\",
      "''",
      "\\'",
      "E'",
      ";",
      "--",
      "/*",
      "$$",
      "\n",
      "'; select 1; --",
    );
    const character = fc.string({ unit: "binary", minLength: 1, maxLength: 1 });
    const texts = fc.array(fc.oneof(special, character), { maxLength: 30 }).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(texts, async (drawn) => {
        // PostgreSQL text can have neither: lone surrogates have no UTF-8, and U+0000 is refused.
        const text = Buffer.from(drawn).toString().replaceAll("\0", "");
        const { rows } = await client.query(`select ${literal(text)} as text`);
        expect(rows).toEqual([{ text }]);
      }),
      { numRuns: 300 },
    );
  });

  test("the limit of a statement ends with it, and draws no warning", async () => {
    const notices: string[] = [];
    client.on("notice", ({ message }) => notices.push(message ?? ""));
    await expect(client.query(withTimeout(50, "select pg_sleep(5)"))).rejects.toMatchObject({
      code: "57014",
    });
    await client.query(withTimeout(50, "select 1"));
    expect((await client.query("show statement_timeout")).rows).toEqual([{ statement_timeout: "0" }]);
    expect(notices).toEqual([]);
  });
});

test("what can't be in a statement is refused", () => {
  expect(() => literal("a\0b")).toThrow(TypeError);
  const { selectRecord, writeRecord } = createStatements();
  expect(() => selectRecord("app", Number.NaN)).toThrow(TypeError);
  expect(() => writeRecord("app", "value", 1.5, undefined)).toThrow(TypeError);
  expect(() => withTimeout("1; drop table x" as never, "select 1")).toThrow(TypeError);
});
