import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface TerminalLine {
  readonly kind: "command" | "output" | "error";
  readonly text: string;
}

export interface Command {
  /** As a person would type it. */
  readonly shown: string;
  /** Path of the script for Node, and its arguments. */
  readonly script: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Runs commands as processes and keeps their output. */
export interface Terminal {
  /** @throws Error if the command fails, with the last line it printed. */
  run(command: Command): Promise<void>;
  lines(): readonly TerminalLine[];
  processIds(): readonly number[];
  clear(): void;
}

const maximumLines = 100;
const maximumLength = 300;
/** Milliseconds. */
const timeLimit = 15_000;

export function createTerminal(signal: AbortSignal, onChange: () => void): Terminal {
  let lines: TerminalLine[] = [];
  const running = new Set<number>();

  function print(kind: TerminalLine["kind"], text: string): void {
    lines = [...lines, { kind, text: text.slice(0, maximumLength) }].slice(-maximumLines);
    onChange();
  }

  return {
    async run({ shown, script, environment }) {
      print("command", shown);
      const child = spawn(process.execPath, script, {
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]),
        killSignal: "SIGKILL",
      });
      const { pid } = child;
      if (pid !== undefined) running.add(pid);
      let lastError: string | undefined;
      const read = (stream: Readable, kind: "output" | "error"): void => {
        createInterface({ input: stream }).on("line", (line) => {
          if (line.trim() === "") return;
          if (kind === "error") lastError = line;
          print(kind, line);
        });
      };
      read(child.stdout, "output");
      read(child.stderr, "error");
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
      }).finally(() => {
        if (pid !== undefined) running.delete(pid);
      });
      if (code === 0) return;
      print("error", `[exit code ${String(code)}]`);
      throw new Error(lastError ?? `The command ended with exit code ${String(code)}.`);
    },
    lines: () => lines,
    processIds: () => [...running],
    clear() {
      lines = [];
    },
  };
}
