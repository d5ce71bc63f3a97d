import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { built } from "../support/built.ts";

export const cliPath = built("cli/main.js");

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunCliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Piped into stdin. */
  readonly input?: string;
  /** Working directory. */
  readonly cwd: string;
  /** The command's own file. @default the one that was built */
  readonly program?: string;
  /** After this time the process is killed, and its exit status is null. Milliseconds. @default 20000 */
  readonly killAfter?: number;
}

/** Runs the built command line in a new process, without our own environment variables. */
export async function runCli(
  words: readonly string[],
  { env = {}, input, cwd, program = cliPath, killAfter = 20_000 }: RunCliOptions,
): Promise<CliResult> {
  const child = spawn(process.execPath, [program, ...words], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  }
  child.stdin.end(input ?? "");
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfter);
  const exitCode = await new Promise<number | null>((done, fail) => {
    child.on("error", fail).on("close", done);
  });
  clearTimeout(timer);
  return { exitCode, ...output };
}

/**
 * An empty folder, removed after the test.
 *
 * @param afterwards Tests that run at the same time hand in their own.
 */
export function temporaryFolder(afterwards = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "intermission-cli-"));
  afterwards(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
