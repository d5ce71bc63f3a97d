import { parseArgs } from "node:util";
import { helpOption, type Command, type CommandOption, type CommandOptions } from "./command.ts";
import { nearest } from "./nearest.ts";
import { UsageError } from "./usage-error.ts";

export interface Parsed {
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly positionals: readonly string[];
  /** Undefined: the verb has no {@link Command.rest}, or there were no dashes. */
  readonly rest: readonly string[] | undefined;
  readonly help: boolean;
}

/**
 * Parses what follows a verb. Messages never repeat values: a mistyped option may be followed by a password.
 *
 * @throws UsageError
 */
export function parse(command: Command, given: readonly string[]): Parsed {
  const end = command.rest === undefined ? -1 : given.indexOf("--");
  const words = end === -1 ? given : given.slice(0, end);
  const options: CommandOptions = { ...command.options, ...helpOption };
  const { tokens } = parseArgs({
    args: joinOptionalValues(words, options),
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value, takes }]) => [
        name,
        { type: value === undefined || takes === "perhaps" ? "boolean" : "string" },
      ]),
    ),
    allowPositionals: true,
    // Its own messages know neither the verbs nor the likely intention.
    strict: false,
    tokens: true,
  });

  const values = new Map<string, string | true | readonly string[]>();
  const positionals: string[] = [];
  let help = false;
  let terminated = false;
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind === "option-terminator") terminated = true;
    if (token.kind !== "option") continue;
    if (token.rawName === "-h" || token.rawName === "--help") {
      help = true;
      continue;
    }
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined || !token.rawName.startsWith("--"))
      throw unknownOption(command, options, words[token.index] ?? token.rawName);
    const value = toValue(token.rawName, option, token);
    const before = values.get(token.name);
    if (option.takes === "many") {
      values.set(token.name, [
        ...(Array.isArray(before) ? (before as readonly string[]) : []),
        value as string,
      ]);
      continue;
    }
    if (before !== undefined && (value !== true || before !== true))
      throw new UsageError(`The option ${token.rawName} is given twice.`);
    values.set(token.name, value);
  }
  // A request for help wins over other mistakes.
  if (!help && positionals.length > command.positionals.length)
    throw tooMany(command, positionals.length, terminated);

  return {
    options: Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, values.get(name) ?? otherwise(option)]),
    ),
    positionals,
    rest: end === -1 ? undefined : given.slice(end + 1),
    help,
  };
}

/** Whether `--json` is among the options: checked before anything else is valid. */
export function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return (end === -1 ? words : words.slice(0, end)).includes("--json");
}

/** The value of an option that was not given. */
function otherwise({ value, takes }: CommandOption): readonly string[] | false | undefined {
  if (takes === "many") return [];
  return value === undefined || takes === "perhaps" ? false : undefined;
}

/** Turns `--link URL` into `--link=URL`: only then does the word belong to the option. */
function joinOptionalValues(words: readonly string[], options: CommandOptions): string[] {
  const joined: string[] = [];
  let mayJoin = false;
  for (const [index, word] of words.entries()) {
    if (word === "--") return [...joined, ...words.slice(index)];
    if (mayJoin && !word.startsWith("-")) {
      joined.push(`${joined.pop() ?? ""}=${word}`);
      mayJoin = false;
      continue;
    }
    joined.push(word);
    const name = word.slice(2);
    mayJoin = word.startsWith("--") && Object.hasOwn(options, name) && options[name]?.takes === "perhaps";
  }
  return joined;
}

function toValue(
  rawName: string,
  { value: wanted, takes }: CommandOption,
  { value, inlineValue }: { readonly value?: unknown; readonly inlineValue?: boolean | undefined },
): string | true {
  if (wanted === undefined) {
    if (value !== undefined) throw new UsageError(`The option ${rawName} takes no value.`);
    return true;
  }
  if (takes === "perhaps" && value === undefined) return true;
  if (typeof value !== "string")
    throw new UsageError(`The option ${rawName} needs a value: ${rawName} ${wanted}.`);
  if (inlineValue !== true && value.startsWith("-")) {
    throw new UsageError(
      `The option ${rawName} needs a value: ${rawName} ${wanted} (one that begins with a dash: ${rawName}=${wanted}).`,
    );
  }
  return value;
}

function unknownOption(command: Command, options: CommandOptions, word: string): UsageError {
  const { name, positionals, rest } = command;
  const [given = ""] = word.split("=", 1);
  const parts = [
    /^--?[\w.-]{1,40}$/.test(given)
      ? `There is no option ${given} for ${name}.`
      : `There is no such option for ${name}.`,
  ];
  const meant = nearest(given.replace(/^-+/, ""), Object.keys(options));
  const [positional] = positionals;
  if (meant !== undefined) parts.push(`Did you mean --${meant}?`);
  else if (rest !== undefined) parts.push(restGoesLast(command, rest));
  else if (positional !== undefined) {
    parts.push(`If the ${positional} begins with a dash, put two dashes first: intermission ${name} -- -v1.`);
  }
  return new UsageError(parts.join(" "));
}

function restGoesLast({ name }: Command, rest: string): string {
  return `The ${rest} and its own options go after two dashes: intermission ${name} -- ${rest}.`;
}

function tooMany(command: Command, count: number, terminated: boolean): UsageError {
  const { name, positionals, rest } = command;
  const [positional] = positionals;
  if (positional === undefined) return new UsageError(`${name} takes only options.`);
  const dashes = terminated ? "Options go before --." : "Put quotes around one with spaces.";
  const remedy = rest === undefined ? dashes : restGoesLast(command, rest);
  if (positionals.length > 1)
    return new UsageError(
      `${name} takes ${positionals.join(" and ")}, and got ${String(count)} words. ${remedy}`,
    );
  return new UsageError(`${name} takes one ${positional}, and got ${String(count)}. ${remedy}`);
}
