import { helpOption, type Command, type CommandOption, type CommandOptions } from "./command.ts";
import type { Answer, Line } from "../terminal/output.ts";

const tagline = "A friendly maintenance page, shown only when a deploy breaks something.";

/** The help of the whole: every verb. */
export function overview(commands: readonly Command[]): Answer {
  const verbs = commands.map((command) => ({
    usage: usage(command),
    name: command.name,
    summary: command.summary,
  }));
  const names = verbs.map(({ name, summary }): readonly [string, string] => [name, summary]);
  return {
    lines: [
      { style: "bold", text: "intermission <verb> [options]" },
      tagline,
      "",
      ...columns([...names, ["help [verb]", "Explains a verb"]]),
      "",
      "Exit status: 0 done; 1 could not be done; 2 wrong usage, nothing was tried.",
    ],
    document: { verbs },
  };
}

/** The help of one verb. */
export function explanation(command: Command): Answer {
  const options: CommandOptions = { ...command.options, ...helpOption };
  const rows = Object.entries(options).map(([name, option]): readonly [string, string] => [
    `${name === "help" ? "-h, " : ""}--${name}${toValueName(option)}`,
    option.summary,
  ]);
  return {
    lines: [
      { style: "bold", text: usage(command) },
      `${command.summary}.`,
      ...command.details.flatMap((paragraph) => ["", paragraph]),
      "",
      ...columns(rows),
    ],
    document: {
      name: command.name,
      usage: usage(command),
      summary: command.summary,
      details: command.details,
      options: Object.entries(options).map(([name, option]) => ({
        name: `--${name}`,
        value: option.value ?? null,
        summary: option.summary,
      })),
    },
  };
}

function usage({ name, positionals, rest }: Command): string {
  const optional = [...positionals, "options"].map((word) => `[${word}]`);
  return ["intermission", name, ...optional, ...(rest === undefined ? [] : ["--", `${rest}…`])].join(" ");
}

function toValueName({ value, takes }: CommandOption): string {
  if (value === undefined) return "";
  if (takes === "perhaps") return ` [${value}]`;
  return takes === "many" ? ` ${value}…` : ` ${value}`;
}

function columns(rows: readonly (readonly [string, string])[]): readonly Line[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
