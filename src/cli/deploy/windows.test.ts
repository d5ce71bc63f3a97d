import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findOnWindows, toInvocation } from "./windows.ts";

const files = new Set([
  "C:\\Program Files\\nodejs\\npm",
  "C:\\Program Files\\nodejs\\npm.cmd",
  "C:\\Program Files\\nodejs\\node.exe",
  "tools\\migrate.bat",
  "run.cmd",
  "C:\\bin\\both.com",
  "C:\\bin\\both.exe",
]);
const environment = {
  Path: 'C:\\Windows;"C:\\Program Files\\nodejs";C:\\bin',
  PATHEXT: ".COM;.EXE;.BAT;.cmd",
  ComSpec: "C:\\Windows\\system32\\cmd.exe",
};

describe("a program", () => {
  test.each([
    // Without an extension it is a script for other systems.
    ["npm", "C:\\Program Files\\nodejs\\npm.cmd"],
    ["npm.cmd", "C:\\Program Files\\nodejs\\npm.cmd"],
    ["node", "C:\\Program Files\\nodejs\\node.exe"],
    ["node.exe", "C:\\Program Files\\nodejs\\node.exe"],
    ["run", "run.cmd"],
    ["tools\\migrate", "tools\\migrate.BAT"],
    ["both", "C:\\bin\\both.COM"],
  ])("%s is found as cmd.exe finds it", (program, path) => {
    const found = findOnWindows(program, environment, (each) =>
      [...files].some((file) => file.toLowerCase() === each.toLowerCase()),
    );
    expect(found?.toLowerCase()).toBe(path.toLowerCase());
  });

  test.each(["", "nothing", "a\0b", "C:\\nothing", "migrate"])("%j is not found", (program) => {
    expect(findOnWindows(program, environment, (path) => files.has(path))).toBeUndefined();
  });

  test("is looked for without PATH and PATHEXT, too", () => {
    expect(findOnWindows("run", {}, (path) => path.toLowerCase() === "run.cmd")?.toLowerCase()).toBe(
      "run.cmd",
    );
  });
});

const npm = "C:\\Program Files\\nodejs\\npm.cmd";

test("a program that is no batch file is started as it is", () => {
  expect(toInvocation("C:\\bin\\node.exe", ["a b", '"'], environment)).toEqual({
    file: "C:\\bin\\node.exe",
    parameters: ["a b", '"'],
    verbatim: false,
  });
});

test("a batch file is started by cmd.exe", () => {
  expect(toInvocation(npm, ["run", "migrate"], environment)).toEqual({
    file: "C:\\Windows\\system32\\cmd.exe",
    parameters: ["/d", "/e:on", "/v:off", "/s", "/c", `""${npm}" run migrate"`],
    verbatim: true,
  });
  expect(toInvocation("x.BAT", [], {})?.file).toBe("cmd.exe");
});

test.each(["a\nb", "a\r", "\0"])("%j can't be passed to one", (parameter) => {
  expect(toInvocation(npm, ["run", parameter], environment)).toBeUndefined();
});

/** What cmd.exe makes of a line: variables are replaced, and metacharacters count outside of quotes. */
function readAsCmd(line: string): { readonly text: string; readonly commands: number } {
  const text = line.replaceAll(/%(?:path|[^%:]+:~,)%/gi, (variable) =>
    variable.includes(":") ? "" : "REPLACED",
  );
  let inQuotes = false;
  let commands = 1;
  for (const character of text) {
    if (character === '"') inQuotes = !inQuotes;
    else if (!inQuotes && "&|<>^()".includes(character)) commands++;
  }
  return { text, commands };
}

/** What a program gets: https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments */
function readAsProgram(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let inQuotes = false;
  for (let at = 0; at < line.length; at++) {
    const [slashes = ""] = /^\\*/.exec(line.slice(at)) ?? [];
    const after = line[at + slashes.length];
    if (slashes !== "") {
      const beforeQuote = after === '"';
      word = (word ?? "") + "\\".repeat(beforeQuote ? slashes.length / 2 : slashes.length);
      at += slashes.length - 1;
      if (beforeQuote && slashes.length % 2 === 1) {
        word += '"';
        at++;
      }
    } else if (after === '"') {
      if (inQuotes && line[at + 1] === '"') {
        word = `${word ?? ""}"`;
        at++;
      } else {
        inQuotes = !inQuotes;
        word ??= "";
      }
    } else if (after === " " && !inQuotes) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + (after ?? "");
  }
  return word === undefined ? words : [...words, word];
}

const nasty = fc.array(
  fc.string({
    unit: fc.constantFrom(...Array.from("ab \\\"%&|<>^()!,;=*?'`$~.-/:"), "%PATH%", "%%", "é", "\t"),
    maxLength: 12,
  }),
  { maxLength: 5 },
);

test("a batch file gets each parameter as it was given, and no parameter is a command", () => {
  fc.assert(
    fc.property(nasty, (parameters) => {
      const line = toInvocation(npm, parameters, environment)?.parameters.at(-1)?.slice(1, -1) ?? "";
      const { text, commands } = readAsCmd(line);
      expect(commands).toBe(1);
      expect(readAsProgram(text)).toEqual([npm, ...parameters]);
    }),
    { numRuns: 500 },
  );
});
