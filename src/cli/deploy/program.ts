import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Environment } from "../../core/release.ts";
import { printable } from "../terminal/printable.ts";
import { findOnWindows, toInvocation as toWindowsInvocation, type Invocation } from "./windows.ts";

/** A program that can't be started. The exit status is what shells use for this. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  readonly exitCode: 126 | 127;
  readonly code: "program-not-found" | "program-not-executable";

  constructor(program: string, exitCode: 126 | 127, remedy?: string) {
    const shown = printable(program.slice(0, 200));
    super(
      exitCode === 127
        ? `The program ${shown} was not found, so no deploy was opened. A shell's own words need one: -- sh -c '…'`
        : `The program ${shown} may not be executed, so no deploy was opened. ${remedy ?? "Is it a file, and is it executable (chmod +x)?"}`,
    );
    this.exitCode = exitCode;
    this.code = exitCode === 127 ? "program-not-found" : "program-not-executable";
  }
}

/**
 * What starts a program. Checks that it can be started, before anything is written.
 *
 * @param isFile Whether there is a file, on Windows.
 * @throws ProgramError
 */
export function toInvocation(
  [program = "", ...parameters]: readonly string[],
  environment: Environment,
  platform = process.platform,
  isFile = isExecutable,
): Invocation {
  if (platform !== "win32") {
    checkProgram(program, environment);
    return { file: program, parameters, verbatim: false };
  }
  const path = findOnWindows(program, environment, isFile);
  if (path === undefined) throw new ProgramError(program, 127);
  const invocation = toWindowsInvocation(path, parameters, environment);
  if (invocation === undefined)
    throw new ProgramError(program, 126, "A batch file can't be given a parameter with a line break.");
  return invocation;
}

function checkProgram(program: string, environment: Environment): void {
  // Like execvp: https://pubs.opengroup.org/onlinepubs/9799919799/functions/exec.html
  const folders = program.includes("/") ? [""] : (environment["PATH"] ?? "/usr/bin:/bin").split(delimiter);
  const found = program === "" ? [] : folders.map((folder) => join(folder, program)).filter(exists);
  if (found.some(isExecutable)) return;
  throw new ProgramError(program, found.length === 0 ? 127 : 126);
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
