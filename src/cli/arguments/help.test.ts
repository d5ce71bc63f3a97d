import { describe, expect, test } from "vitest";
import { commandNames, loadCommand } from "../commands/index.ts";
import type { Line } from "../terminal/output.ts";
import type { Command } from "./command.ts";
import { explanation, overview } from "./help.ts";
import { parse } from "./parse.ts";

const commands = (await Promise.all(commandNames.map(loadCommand))).filter(
  (command): command is Command => command !== undefined,
);

const textOf = (line: Line): string =>
  [line]
    .flat()
    .map((piece) => (typeof piece === "string" ? piece : piece.text))
    .join("");

describe.each([60, 80, 120])("at %i columns", (width) => {
  test("the overview fits", () => {
    for (const line of overview(commands, width).lines)
      expect(textOf(line).length).toBeLessThanOrEqual(width);
  });

  test.each(commands)("the help of $name fits, but for commands to copy", (command) => {
    for (const line of explanation(command, width).lines) {
      const text = textOf(line);
      if (!text.startsWith("Example: ") && text.trim().includes(" "))
        expect(text.length, text).toBeLessThanOrEqual(width);
    }
  });
});

test.each(commands)("$name has an example, which is right", (command) => {
  const [program, verb, ...words] = [...(command.example ?? "").matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? "",
  );
  expect([program, verb]).toEqual(["intermission", command.name]);
  expect(() => parse(command, words)).not.toThrow();
});
