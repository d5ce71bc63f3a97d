import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { reasonOf } from "../../core/errors.ts";
import type { Environment } from "../../core/release.ts";
import type { Signals } from "./signals.ts";

/** How a program has ended. */
export interface Ending {
  /** For a signal, 128 and its number, as shells say it. */
  readonly exitCode: number;
  /** The signal that ended it, or that it was passed and did not survive well. */
  readonly signal: NodeJS.Signals | undefined;
  /** Why it could not be started. */
  readonly failure?: string;
}

/** What a shell says of a program that a signal has ended. */
export function toExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/**
 * Runs a program with this process's own input and output, and passes signals on to it. No shell takes part. Never
 * rejects.
 *
 * @param quiet Its stdout goes to stderr, since a document of ours is to stand on stdout alone.
 */
export function runProgram(
  [program = "", ...parameters]: readonly string[],
  {
    environment,
    signals,
    quiet,
  }: { readonly environment: Environment; readonly signals: Signals; readonly quiet: boolean },
): Promise<Ending> {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      env: environment,
      stdio: ["inherit", quiet ? process.stderr : "inherit", "inherit"],
    });
    signals.passTo((signal) => {
      // A terminal sends Ctrl-C to all that run in it: a second one means "at once" to many programs.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      // One that runs already has only missed a signal.
      if (child.pid !== undefined) return;
      const exitCode = error.code === "ENOENT" ? 127 : 126;
      resolve({ exitCode, signal: undefined, failure: reasonOf(error) });
    });
    child.on("exit", (code, signal) => {
      if (signal !== null) resolve({ exitCode: toExitCode(signal), signal });
      // Who is stopped and says 0 has done its work all the same.
      else resolve({ exitCode: code ?? 1, signal: code === 0 ? undefined : signals.first });
    });
  });
}
