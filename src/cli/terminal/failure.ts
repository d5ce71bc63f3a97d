import { isIntermissionError, type ErrorCode } from "../../core/errors.ts";
import type { Environment } from "../../core/release.ts";
import { ProgramError } from "../deploy/program.ts";
import { UsageError } from "../arguments/usage-error.ts";

/** Errors found before anything is tried. All others are failures. */
const wrongUsage: ReadonlySet<ErrorCode> = new Set([
  "bad-option",
  "unknown-option",
  "bad-release",
  "no-release",
]);

export interface Failure {
  /** 1 or 2, except for a program that can't be started. */
  readonly exitCode: number;
  /** For stderr. One line. */
  readonly line: string;
  /** For stdout, with `--json`. */
  readonly document: { readonly error: Readonly<Record<string, string>> };
  /** Only for bugs, and only with `DEBUG=intermission`. */
  readonly stack?: string;
}

export function toFailure(error: unknown, environment: Environment): Failure {
  if (error instanceof UsageError) {
    return {
      exitCode: 2,
      line: error.message,
      document: { error: { code: "wrong-usage", message: error.message } },
    };
  }
  if (error instanceof ProgramError) {
    const { exitCode, code, message } = error;
    return { exitCode, line: message, document: { error: { code, message } } };
  }
  if (isIntermissionError(error)) {
    const { code, message, problem, expected, got, remedy } = error;
    const parts = { code, message, problem, expected, got, remedy };
    return {
      exitCode: wrongUsage.has(code) ? 2 : 1,
      line: message,
      document: {
        error: Object.fromEntries(
          Object.entries(parts).filter((part): part is [string, string] => part[1] !== undefined),
        ),
      },
    };
  }
  const reason = error instanceof Error ? error.message || error.name : String(error);
  const line = `Something went wrong that should not have: ${reason.replace(/\s+/g, " ").slice(0, 500)}`;
  const debug = isDebugged(environment);
  return {
    exitCode: 1,
    line: debug ? line : `${line}. Run it again with DEBUG=intermission to see where.`,
    document: { error: { code: "unexpected", message: line } },
    ...(debug && error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}),
  };
}

function isDebugged(environment: Environment): boolean {
  const names = (environment["DEBUG"] ?? "").split(/[\s,]+/);
  return names.includes("intermission") || names.includes("*");
}
