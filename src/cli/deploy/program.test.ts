import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { toInvocation } from "./program.ts";

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
  toInvocation([program], environment, "linux");
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

test("on Windows npm is found as a batch file, and what can't be started is refused before anything is written", () => {
  const windows = { Path: "C:\\nodejs", PATHEXT: ".exe;.cmd" };
  const start = (...words: readonly string[]) =>
    toInvocation(words, windows, "win32", (path) => path === "C:\\nodejs\\npm.cmd");
  expect(start("npm", "run", "migrate")).toEqual({
    file: "cmd.exe",
    parameters: ["/d", "/e:on", "/v:off", "/s", "/c", `"C:\\nodejs\\npm.cmd run migrate"`],
    verbatim: true,
  });
  expect(() => start("nothing")).toThrow(expect.objectContaining({ exitCode: 127 }));
  expect(() => start("npm", "a\nb")).toThrow(
    expect.objectContaining({ exitCode: 126, message: expect.stringContaining("line break") as string }),
  );
});
