import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = join(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "intermission-new-"));

const parts = [
  ["theme", "high-noon"],
  ["language", "sw"],
  ["store", "floppy-disk"],
  ["framework", "my-framework"],
  ["verb", "count-sheep"],
] as const;

/** What each kind created, and the test that it names. */
const made = new Map<string, { readonly files: readonly string[]; readonly test: string }>();

beforeAll(() => {
  for (const name of ["src", "test", "scripts", "docs"])
    cpSync(join(repository, name), join(copy, name), { recursive: true });
  for (const name of ["package.json", "tsconfig.json", "vitest.config.ts", ".dependency-cruiser.js"])
    cpSync(join(repository, name), join(copy, name));
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"), "junction");
  for (const [kind, name] of parts) {
    const said = execFileSync(process.execPath, ["scripts/new.js", kind, name], {
      cwd: copy,
      encoding: "utf8",
    });
    made.set(kind, {
      files: [...said.matchAll(/^(?:made|edited) +(\S+)$/gm)].map(([, file = ""]) => file),
      test: /npx vitest (\S+)/.exec(said)?.[1] ?? "",
    });
  }
});
afterAll(() => {
  rmSync(copy, { recursive: true });
});

test("the files of one more of each kind compile", () => {
  const files = [...new Set([...made.values()].flatMap((one) => one.files))].filter((file) =>
    file.endsWith(".ts"),
  );
  expect(files.length).toBeGreaterThan(parts.length);
  const { config } = ts.readConfigFile(join(copy, "tsconfig.json"), (path) => readFileSync(path, "utf8")) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.parseJsonConfigFileContent(
    { compilerOptions: { ...config.compilerOptions, incremental: false, tsBuildInfoFile: undefined } },
    ts.sys,
    copy,
  );
  const program = ts.createProgram(
    files.map((file) => join(copy, file)),
    options,
  );
  const errors = files.flatMap((file) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(join(copy, file))),
  );
  expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
}, 120_000);

test("and their tests fail, each with what is left to do", () => {
  const tests = [...made.values()].map((one) => one.test);
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const results = join(copy, "results.json");
  const environment = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|TEST_RESULTS)/.test(name));
  spawnSync(
    process.execPath,
    [vitest, "run", ...tests, "--maxWorkers=1", "--reporter=json", `--outputFile=${results}`],
    { cwd: copy, encoding: "utf8", env: Object.fromEntries(environment) },
  );
  const report = JSON.parse(readFileSync(results, "utf8")) as {
    readonly testResults: readonly {
      readonly name: string;
      readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
    }[];
  };
  const failed = new Map(
    report.testResults.map(({ name, assertionResults }) => [
      tests.find((path) => name.replaceAll("\\", "/").endsWith(path)),
      assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
    ]),
  );
  for (const [kind, part] of made) expect(failed.get(part.test)?.length, kind).toBeGreaterThan(0);
  // It breaks nobody else's tests.
  const theirs = failed.get("src/page/themes/index.test.ts") ?? [];
  expect(theirs.filter((name) => !name.startsWith("the theme high-noon"))).toEqual([]);
}, 120_000);

describe("what can't be made", () => {
  const run = (...words: readonly string[]): { readonly status: number | null; readonly said: string } => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/new.js", ...words], {
      cwd: copy,
      encoding: "utf8",
    });
    return { status, said: stderr };
  };

  test.each([
    [["planet", "mars"], /Expected a kind and a name, got planet mars/],
    [["theme"], /Expected a name in lower case/],
    [["theme", "../escape"], /got "\.\.\/escape"/],
    [["language", "Klingonish"], /Expected a BCP 47 tag that Intl knows/],
  ])("%j is refused, with what was expected", (words, message) => {
    const { status, said } = run(...words);
    expect(status).toBe(2);
    expect(said).toMatch(message);
  });

  test("is what is there already, and it stays as it was", () => {
    mkdirSync(join(copy, "src/page/themes/noon"), { recursive: true });
    writeFileSync(join(copy, "src/page/themes/noon/index.ts"), "mine");
    const { status, said } = run("theme", "noon");
    expect(status).toBe(2);
    expect(said).toContain("src/page/themes/noon/index.ts is there. Nothing was changed.");
    expect(readFileSync(join(copy, "src/page/themes/noon/index.ts"), "utf8")).toBe("mine");
  });
});
