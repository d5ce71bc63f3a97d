import { describe, expect, test } from "vitest";
import { IntermissionError, errorCodes, type ErrorCode } from "../../core/errors.ts";
import { toFailure } from "./failure.ts";
import { ProgramError } from "../deploy/program.ts";
import { UsageError } from "../arguments/usage-error.ts";

describe("toFailure", () => {
  const wrongUsage: readonly string[] = ["bad-option", "unknown-option", "bad-release", "no-release"];

  test.each(Object.keys(errorCodes) as ErrorCode[])("%s has its exit status", (code) => {
    const failure = toFailure(new IntermissionError(code, { problem: "It did not work" }), {});
    expect(failure.exitCode).toBe(wrongUsage.includes(code) ? 2 : 1);
    expect(failure.document.error).toEqual({ code, message: "It did not work.", problem: "It did not work" });
  });

  test("wrong usage is 2", () => {
    const failure = toFailure(new UsageError("No."), { DEBUG: "intermission" });
    expect(failure).toEqual({
      exitCode: 2,
      line: "No.",
      document: { error: { code: "wrong-usage", message: "No." } },
    });
  });

  test("a program that can't be started has the exit status that shells have for it", () => {
    expect(toFailure(new ProgramError("x\u001B[2J", 127), {})).toMatchObject({
      exitCode: 127,
      document: { error: { code: "program-not-found" } },
    });
    expect(toFailure(new ProgramError("x", 126), {}).exitCode).toBe(126);
  });

  test("a defect is 1, on one line, and tells how to see more", () => {
    const failure = toFailure(new TypeError("x is not\n  a function"), {});
    expect(failure).toMatchObject({ exitCode: 1, document: { error: { code: "unexpected" } } });
    expect(failure.line).toBe(
      "Something went wrong that should not have: x is not a function. Run it again with DEBUG=intermission to see where.",
    );
    expect(failure.stack).toBeUndefined();
  });

  test.each(["intermission", "express,intermission", "*"])("DEBUG=%s shows where a defect is", (DEBUG) => {
    expect(toFailure(new Error("x"), { DEBUG }).stack).toContain("failure.test.ts");
  });

  test("whatever was thrown, there is a line", () => {
    expect(toFailure(undefined, {}).line).toContain("undefined");
    expect(toFailure(new RangeError(""), {}).line).toContain("RangeError");
  });
});
