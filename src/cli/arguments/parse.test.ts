import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineCommand, jsonOption, storeOptions } from "./command.ts";
import { parse, wantsJson } from "./parse.ts";
import { UsageError } from "./usage-error.ts";

const command = defineCommand({
  name: "record",
  summary: "Records",
  details: [],
  positionals: ["id"],
  options: { ...storeOptions, ...jsonOption },
  async run() {},
});

const lists = defineCommand({
  name: "lists",
  summary: "Lists",
  details: [],
  positionals: [],
  options: {
    path: { value: "GLOB", summary: "A path", takes: "many" },
    link: { value: "URL", summary: "A link", takes: "perhaps" },
    ...jsonOption,
  },
  async run() {},
});

const withoutId = defineCommand({ ...command, name: "list", positionals: [] });

describe("parse", () => {
  test("every option has a value: what was given, undefined, or false", () => {
    expect(parse(command, ["--store", "sqlite:a.db", "v1"])).toEqual({
      options: { store: "sqlite:a.db", app: undefined, json: false, help: false },
      positionals: ["v1"],
      rest: undefined,
      help: false,
    });
  });

  test("options may stand behind what they are not about", () => {
    const { options, positionals } = parse(command, ["v1", "--json", "--app=shop"]);
    expect(options).toMatchObject({ json: true, app: "shop" });
    expect(positionals).toEqual(["v1"]);
  });

  test.each([["-h"], ["--help"]])("%s asks for help, and excuses the rest", (word) => {
    expect(parse(command, ["a", "b", word]).help).toBe(true);
  });

  test("after two dashes everything is an id", () => {
    expect(parse(command, ["--json", "--", "--help"])).toMatchObject({
      options: { json: true },
      positionals: ["--help"],
      help: false,
    });
  });

  test("every id arrives as it was typed, whatever it begins with, after two dashes", () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(parse(command, ["--", id]).positionals).toEqual([id]);
      }),
    );
  });

  test("any words at all are understood or refused as wrong usage", () => {
    const words = fc.array(
      fc.oneof(fc.string(), fc.constantFrom("--store", "--json", "--", "-h", "--app=", "-")),
    );
    fc.assert(
      fc.property(words, (given) => {
        try {
          expect(parse(command, given).positionals.every((word) => given.includes(word))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });

  test.each([
    [["v1", "v2"], "record takes one id, and got 2. Put quotes around one with spaces."],
    [["--", "v1", "--json"], "record takes one id, and got 2. Options go before --."],
    [["--stroe", "x"], "There is no option --stroe for record. Did you mean --store?"],
    [
      ["-v1"],
      "There is no option -v1 for record. If the id begins with a dash, put two dashes first: intermission record -- -v1.",
    ],
    [
      ["--constructor"],
      "There is no option --constructor for record. If the id begins with a dash, put two dashes first: intermission record -- -v1.",
    ],
    [["--store"], "The option --store needs a value: --store URL."],
    [
      ["--store", "--json"],
      "The option --store needs a value: --store URL (one that begins with a dash: --store=URL).",
    ],
    [["--store", "a", "--store", "b"], "The option --store is given twice."],
    [["--json=yes"], "The option --json takes no value."],
  ])("%j is wrong usage", (words, message) => {
    expect(() => parse(command, words)).toThrow(new UsageError(message));
  });

  describe("of a verb that takes a command", () => {
    const wrapping = defineCommand({ ...command, name: "wrap", rest: "command" });

    test("leaves it as it stands, whatever its words are", () => {
      fc.assert(
        fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom("--", "--json", "-h"))), (words) => {
          expect(parse(wrapping, ["v1", "--app", "shop", "--", ...words])).toMatchObject({
            options: { app: "shop", json: false },
            positionals: ["v1"],
            rest: words,
            help: false,
          });
        }),
      );
    });

    test("tells no command from one without a word", () => {
      expect(parse(wrapping, ["v1"]).rest).toBeUndefined();
      expect(parse(wrapping, ["v1", "--"]).rest).toEqual([]);
    });

    test.each([
      [["v1", "npm", "run", "x"], "wrap takes one id, and got 4."],
      [["npm", "-v"], "There is no option -v for wrap."],
    ])("says where it goes when the dashes are missing: %j", (words, problem) => {
      expect(() => parse(wrapping, words)).toThrow(
        `${problem} The command and its own options go after two dashes: intermission wrap -- command.`,
      );
    });

    test("never takes the dashes for a value", () => {
      expect(() => parse(wrapping, ["--store", "--", "x"])).toThrow("The option --store needs a value");
    });
  });

  test("an option that may be given several times is a list, in order", () => {
    expect(parse(lists, []).options["path"]).toEqual([]);
    expect(parse(lists, ["--path", "/a", "--json", "--path=/b"]).options["path"]).toEqual(["/a", "/b"]);
    expect(() => parse(lists, ["--path"])).toThrow("The option --path needs a value: --path GLOB.");
    expect(() => parse(lists, ["--path", "--json"])).toThrow("begins with a dash");
  });

  test("an option whose value may be left out is false, true, or the value", () => {
    const linkOf = (...words: readonly string[]): unknown => parse(lists, words).options["link"];
    expect(linkOf()).toBe(false);
    expect(linkOf("--link")).toBe(true);
    expect(linkOf("--link", "--json")).toBe(true);
    expect(linkOf("--link", "https://a.example/?x=1")).toBe("https://a.example/?x=1");
    expect(linkOf("--link=https://a.example/")).toBe("https://a.example/");
    expect(() => linkOf("--link", "a", "--link", "b")).toThrow("The option --link is given twice.");
    expect(() => linkOf("--link", "--", "a")).toThrow("lists takes only options.");
  });

  test("a verb that takes no id says so", () => {
    expect(() => parse(withoutId, ["v1"])).toThrow("list takes only options.");
    expect(() => parse(withoutId, ["-x"])).toThrow("There is no option -x for list.");
  });

  test("no message repeats a value", () => {
    const secret = "postgres://user:hunter2@db/x";
    for (const words of [[`--stroe=${secret}`], [`-${secret}`], [secret, secret], [`--json=${secret}`]]) {
      expect(() => parse(command, words)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining("hunter2") }),
      );
    }
  });
});

describe("wantsJson", () => {
  test("sees --json before two dashes only", () => {
    expect(wantsJson(["record", "--nonsense", "--json"])).toBe(true);
    expect(wantsJson(["record", "--", "--json"])).toBe(false);
    expect(wantsJson([])).toBe(false);
  });
});
