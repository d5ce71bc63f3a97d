import { helpOption, type Command, type CommandOption, type CommandOptions } from "./command.ts";
import type { Answer, Line } from "../terminal/output.ts";
import { wrap } from "../terminal/wrap.ts";

/** The assumed width of a pipe. */
export const pipeWidth = 80;
const widestLeft = 28;
const narrowest = 20;

const tagline = "A friendly maintenance page, shown only when a deploy breaks something.";

/** General help: every verb. */
export function overview(commands: readonly Command[], width = pipeWidth): Answer {
  const verbs = commands.map((command) => ({
    usage: usage(command),
    name: command.name,
    summary: command.summary,
  }));
  const names = verbs.map(({ name, summary }): readonly [string, string] => [name, summary]);
  return {
    lines: [
      { style: "bold", text: "intermission <verb> [options]" },
      ...wrap(tagline, width),
      "",
      ...columns([...names, ["help [verb]", "Explains a verb"]], width),
      "",
      ...wrap("Exit status: 0 done; 1 could not be done; 2 wrong usage, nothing was tried.", width),
    ],
    document: { verbs },
  };
}

/** Help on one verb. */
export function explanation(command: Command, width = pipeWidth): Answer {
  const options: CommandOptions = { ...command.options, ...helpOption };
  const rows = Object.entries(options).map(([name, option]): readonly [string, string] => [
    `${name === "help" ? "-h, " : ""}--${name}${toValueName(option)}`,
    option.summary,
  ]);
  return {
    lines: [
      ...wrap(usage(command), width, "  ").map((text): Line => ({ style: "bold", text })),
      ...wrap(`${command.summary}.`, width),
      ...command.details.flatMap((paragraph) => ["", ...wrap(paragraph, width)]),
      "",
      ...columns(rows, width),
      ...(command.example === undefined ? [] : ["", `Example: ${command.example}`]),
    ],
    document: {
      name: command.name,
      usage: usage(command),
      summary: command.summary,
      details: command.details,
      example: command.example ?? null,
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

function columns(rows: readonly (readonly [string, string])[], width: number): readonly Line[] {
  const left = Math.min(widestLeft, Math.max(...rows.map(([name]) => name.length)));
  const indent = " ".repeat(left + 4);
  return rows.flatMap(([name, text]) => {
    const [first = "", ...others] = wrap(text, Math.max(narrowest, width - indent.length));
    const rest = others.map((line) => indent + line);
    if (name.length > left) return [`  ${name}`, indent + first, ...rest];
    return [`  ${name.padEnd(left)}  ${first}`, ...rest];
  });
}
