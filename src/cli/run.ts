import type { Environment } from "../core/release.ts";
import type { Command } from "./arguments/command.ts";
import { commandNames, loadCommand } from "./commands/index.ts";
import { toFailure } from "./terminal/failure.ts";
import { explanation, overview } from "./arguments/help.ts";
import { nearest } from "./arguments/nearest.ts";
import type { Output } from "./terminal/output.ts";
import { parse } from "./arguments/parse.ts";
import { UsageError } from "./arguments/usage-error.ts";

/** Where a command reads its settings and writes its output. */
export interface CommandContext {
  readonly environment: Environment;
  readonly output: Output;
}

/**
 * Runs a command line without the program's name.
 *
 * @returns the exit status. Never rejects.
 */
export async function run(words: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await dispatch(words, context);
  } catch (error) {
    return report(error, context);
  }
}

/** Reports an error: a line on stderr, and with `--json` a document on stdout. Returns the exit status. */
export function report(error: unknown, { environment, output }: CommandContext): number {
  const { exitCode, line, document, stack } = toFailure(error, environment);
  output.note([{ style: "red", text: "intermission:" }, ` ${line}`]);
  for (const frame of stack?.split("\n") ?? []) output.note(frame);
  output.answer({ lines: [], document });
  return exitCode;
}

async function dispatch(words: readonly string[], { environment, output }: CommandContext): Promise<number> {
  const [first = "help", ...rest] = words;
  if (first === "help" || first === "--help" || first === "-h") {
    await explain(rest, output);
    return 0;
  }
  const command = await findCommand(first === "--version" || first === "-v" ? "version" : first);
  const { help, ...parsed } = parse(command, rest);
  if (help) {
    output.answer(explanation(command, output.width));
    return 0;
  }
  let exitCode = 0;
  const exitWith = (code: number): void => {
    exitCode = code;
  };
  await command.run({ ...parsed, environment, output, exitWith, commands: loadCommands });
  return exitCode;
}

async function explain(words: readonly string[], output: Output): Promise<void> {
  const [verb] = words.filter((word) => !word.startsWith("-"));
  if (verb !== undefined) output.answer(explanation(await findCommand(verb), output.width));
  else output.answer(overview(await loadCommands(), output.width));
}

async function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(commandNames.map(async (name) => findCommand(name)));
}

async function findCommand(verb: string): Promise<Command> {
  const command = await loadCommand(verb);
  if (command !== undefined) return command;
  if (verb.startsWith("-")) {
    throw new UsageError("The verb comes first: intermission <verb> [options]. See: intermission help");
  }
  // Repeated only if it can't be anything else, such as a store URL with its password.
  const shown = /^[\w-]{1,40}$/.test(verb) ? ` ${verb}` : " like that";
  const meant = nearest(verb, commandNames);
  throw new UsageError(
    `There is no verb${shown}. ${meant === undefined ? "See: intermission help" : `Did you mean: intermission ${meant}?`}`,
  );
}
