import { defineCommand, helpOption, type Command, type CommandOptions } from "../arguments/command.ts";
import { UsageError } from "../arguments/usage-error.ts";

const scripts: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish };
const shells = Object.keys(scripts);

export const completion = defineCommand({
  name: "completion",
  summary: "Prints a script that completes verbs and options in bash, zsh or fish",
  details: [
    'For bash, add this line to ~/.bashrc: eval "$(intermission completion bash)"',
    'For zsh, add this line to ~/.zshrc, after compinit: eval "$(intermission completion zsh)"',
    "For fish: intermission completion fish > ~/.config/fish/completions/intermission.fish",
  ],
  example: "intermission completion bash",
  positionals: ["bash|zsh|fish"],
  options: {},
  async run({ positionals: [shell = ""], commands, output }) {
    const toScript = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
    if (toScript === undefined)
      throw new UsageError(`completion needs one of ${shells.join(", ")}: intermission completion bash.`);
    const script = toScript(await commands());
    output.answer({ lines: script.trimEnd().split("\n"), document: { shell, script } });
  },
});

interface Flag {
  readonly name: string;
  readonly summary: string;
  /** Its value's name, if it takes one. */
  readonly value: string | undefined;
}

function flagsOf({ options }: Command): readonly Flag[] {
  const all: CommandOptions = { ...options, ...helpOption };
  return Object.entries(all).map(([name, { summary, value }]) => ({
    name: `--${name}`,
    summary,
    value,
  }));
}

/** Words that a positional may be, such as `preview|export`. */
function wordsOf({ positionals: [first = ""] }: Command): readonly string[] {
  return first.includes("|") ? first.split("|") : [];
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const words = [...wordsOf(command), ...flagsOf(command).map(({ name }) => name)];
    return `    ${command.name}) words="${words.join(" ")}" ;;`;
  });
  const verbs = commands.map(({ name }) => name).join(" ");
  return `_intermission() {
  local words=""
  COMPREPLY=()
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    help) words="${verbs}" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${verbs} help"; fi
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _intermission intermission
`;
}

function zsh(commands: readonly Command[]): string {
  const verbs = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const flags = flagsOf(command).map(({ name, summary, value }) =>
      quote(
        `*${name}[${summary.replace(/[[\]\\:]/g, "\\$&")}]${value === undefined ? "" : `:${value.replaceAll(":", " ")}:_files`}`,
      ),
    );
    const words = wordsOf(command);
    const rest = quote(words.length === 0 ? "*::word:_files" : `1:word:(${words.join(" ")})`);
    return `    ${command.name}) _arguments ${[...flags, rest].join(" ")} ;;`;
  });
  return `#compdef intermission
_intermission() {
  local -a verbs
  verbs=(
${verbs.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${cases.join("\n")}
  esac
}
compdef _intermission intermission
`;
}

function fish(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const seen = `complete -c intermission -n ${quote(`__fish_seen_subcommand_from ${command.name}`)}`;
    return [
      `complete -c intermission -n __fish_use_subcommand -f -a ${command.name} -d ${quote(command.summary)}`,
      ...wordsOf(command).map((word) => `${seen} -f -a ${word}`),
      ...flagsOf(command).map(
        ({ name, summary, value }) =>
          `${seen} -l ${name.slice(2)}${value === undefined ? "" : " -r"} -d ${quote(summary)}`,
      ),
    ];
  });
  return `${lines.join("\n")}\n`;
}

/** In all three shells nothing is special between single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "’")}'`;
}
