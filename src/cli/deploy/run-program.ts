import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { reasonOf } from "../../core/errors.ts";
import type { Environment } from "../../core/release.ts";
import type { Signals } from "./signals.ts";
import type { Invocation } from "./windows.ts";

/** How a program ended. */
export interface Ending {
  /** For a signal, 128 plus its number, as in shells. */
  readonly exitCode: number;
  /** The signal that ended it, or that it received before it failed. */
  readonly signal: NodeJS.Signals | undefined;
  /** Why it could not be started. */
  readonly failure?: string;
}

/** A shell's exit status for a program ended by a signal. */
export function toExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/**
 * Runs a program with this process's input and output, without a shell, and forwards signals to it. Never
 * rejects. On Windows no signal is forwarded: `kill` would end the program at once, and Ctrl-C and the
 * closing of the console reach every process in it.
 *
 * @param quiet Sends its stdout to stderr, so that our document is alone on stdout.
 */
export function runProgram(
  { file, parameters, verbatim }: Invocation,
  {
    environment,
    signals,
    quiet,
  }: { readonly environment: Environment; readonly signals: Signals; readonly quiet: boolean },
): Promise<Ending> {
  return new Promise((resolve) => {
    const child = spawn(file, parameters, {
      env: environment,
      windowsVerbatimArguments: verbatim,
      stdio: ["inherit", quiet ? process.stderr : "inherit", "inherit"],
    });
    signals.passTo((signal) => {
      if (process.platform === "win32") return;
      // A terminal sends Ctrl-C to every process in it, and many programs take a second one to mean "at
      // once".
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      // It is already running and only missed a signal.
      if (child.pid !== undefined) return;
      const exitCode = error.code === "ENOENT" ? 127 : 126;
      resolve({ exitCode, signal: undefined, failure: reasonOf(error) });
    });
    child.on("exit", (code, signal) => {
      if (signal !== null) resolve({ exitCode: toExitCode(signal), signal });
      // A stopped program that exits with 0 has finished its work.
      else resolve({ exitCode: code ?? 1, signal: code === 0 ? undefined : signals.first });
    });
  });
}
