import type { Environment } from "../../core/release.ts";
import type { Output } from "../terminal/output.ts";

/** An option without a value, such as `--json`. */
export interface SwitchOption {
  readonly summary: string;
  readonly value?: never;
  readonly takes?: never;
}

/** An option with a value, such as `--store URL`. */
export interface ValueOption {
  readonly summary: string;
  /** The value's name in the help. */
  readonly value: string;
  readonly takes?: never;
}

/** An option that can be repeated, such as `--exempt-path GLOB`. */
export interface ListOption {
  readonly summary: string;
  readonly value: string;
  readonly takes: "many";
}

/** An option with an optional value, such as `--link [URL]`. Only on verbs without positionals. */
export interface OptionalValueOption {
  readonly summary: string;
  readonly value: string;
  readonly takes: "perhaps";
}

export type CommandOption = SwitchOption | ValueOption | ListOption | OptionalValueOption;

/** By name, without the dashes. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** true: the option's value was left out. */
type OptionValue<Option> = Option extends ListOption
  ? readonly string[]
  : Option extends OptionalValueOption
    ? string | boolean
    : Option extends ValueOption
      ? string | undefined
      : boolean;

export type OptionValues<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: OptionValue<Options[Name]>;
};

/** What a command runs with. Its options and positionals are already checked. */
export interface Call<Options extends CommandOptions = CommandOptions> {
  readonly options: OptionValues<Options>;
  /** At most as many as the command names. */
  readonly positionals: readonly string[];
  /** Everything after two dashes, for a verb with {@link Command.rest}. Undefined: there were no dashes. */
  readonly rest: readonly string[] | undefined;
  readonly environment: Environment;
  readonly output: Output;
  /** Every verb, for verbs that describe others. */
  commands(): Promise<readonly Command[]>;
  /** Sets the exit status after successful work. @default 0 */
  exitWith(code: number): void;
}

/**
 * A verb of the command line. One file each in `commands/`; the help and the checks are generated from it.
 */
export interface Command<Options extends CommandOptions = CommandOptions> {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Paragraphs for the verb's own help. */
  readonly details: readonly string[];
  /** A complete command line that can be typed as it is. */
  readonly example?: string;
  /** Names of what may follow the verb. All are optional. */
  readonly positionals: readonly string[];
  /** What follows two dashes, unparsed, for a verb that takes a whole command line. */
  readonly rest?: string;
  readonly options: Options;
  /** @throws IntermissionError, UsageError; anything else is a bug. */
  run(call: Call<Options>): Promise<void>;
}

/** Infers the options, so that `run` gets each with its own type. */
export function defineCommand<const Options extends CommandOptions>(
  command: Command<Options>,
): Command<Options> {
  return command;
}

/** For every verb that reads or changes a store. */
export const storeOptions = {
  store: {
    value: "URL",
    summary:
      "Where releases are recorded (else MAINTENANCE_STORE, DATABASE_URL, sqlite:.intermission/state.db)",
  },
  app: {
    value: "NAME",
    summary: "Which app's releases, where several share a store (else MAINTENANCE_APP, default)",
  },
} as const satisfies CommandOptions;

/** For every verb with a result. */
export const jsonOption = {
  json: { summary: "Print one JSON document on stdout instead of sentences" },
} as const satisfies CommandOptions;

/** On every verb. */
export const helpOption = { help: { summary: "Print this help" } } as const satisfies CommandOptions;
