import { expect, test } from "vitest";
import { createOutput } from "./output.ts";
import { toTable } from "./table.ts";

test("a table has columns as wide as what is in them, with numbers to the right", () => {
  let printed = "";
  const stdout = { write: (text: string) => (printed += text) };
  const lines = toTable(
    ["Name", "Errors", ""],
    [
      ["web-1", 7, { style: "green", text: "current" }],
      ["a-long-name", 1000, "behind"],
    ],
  );
  createOutput({ stdout, stderr: stdout, json: false, environment: {} }).answer({ lines, document: {} });
  expect(printed).toBe(
    ["Name         Errors  ", "web-1             7  current", "a-long-name    1000  behind", ""].join("\n"),
  );
});
