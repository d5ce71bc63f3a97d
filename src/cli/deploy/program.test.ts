import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkProgram } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "intermission-program-"));
writeFileSync(join(folder, "runs"), "#!/bin/sh\n");
chmodSync(join(folder, "runs"), 0o755);
writeFileSync(join(folder, "text"), "no program");
chmodSync(join(folder, "text"), 0o644);
mkdirSync(join(folder, "folder"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const environment = { PATH: `/nowhere:${folder}` };
const check = (program: string) => () => {
  checkProgram(program, environment, "linux");
};

test.each(["runs", join(folder, "runs")])("%s can be started", (program) => {
  expect(check(program)).not.toThrow();
});

test.each(["nothing", "", join(folder, "nothing"), join(folder, "text", "below"), "a\0b", "x".repeat(5000)])(
  "%# is not found",
  (program) => {
    expect(check(program)).toThrow(expect.objectContaining({ exitCode: 127, code: "program-not-found" }));
  },
);

test.each(["text", "folder", join(folder, "text")])("%s may not be executed", (program) => {
  expect(check(program)).toThrow(expect.objectContaining({ exitCode: 126, code: "program-not-executable" }));
});
