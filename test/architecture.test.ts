import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** A planted violation for each rule: the file that breaks it, and what it imports. */
const plants: Readonly<Record<string, readonly [file: string, imported: string]>> = {
  "core-direction": ["src/core/planted.ts", "../http/headers.ts"],
  "stores-direction": ["src/stores/planted.ts", "../page/index.ts"],
  "page-direction": ["src/page/planted.ts", "../stores/open.ts"],
  "http-direction": ["src/http/planted.ts", "../page/index.ts"],
  "reports-direction": ["src/reports/planted.ts", "../stores/open.ts"],
  "notify-direction": ["src/notify/planted.ts", "../engine/create.ts"],
  "telemetry-direction": ["src/telemetry/planted.ts", "../engine/create.ts"],
  "frameworks-direction": ["src/frameworks/planted/index.ts", "../../stores/open.ts"],
  "auto-direction": ["src/auto/planted.ts", "../frameworks/node/index.ts"],
  "server-direction": ["src/server/planted.ts", "../demo/index.ts"],
  "demo-direction": ["src/demo/planted.ts", "../page/index.ts"],
  "cli-direction": ["src/cli/planted.ts", "../frameworks/node/index.ts"],
  "testing-direction": ["src/testing/planted.ts", "../stores/open.ts"],
  "engine-direction": ["src/engine/planted.ts", "../http/headers.ts"],
  "index-direction": ["src/index.ts", "./http/headers.ts"],
  "stores-neighbour": ["src/stores/planted/index.ts", "../memory/index.ts"],
  "telemetry-neighbour": ["src/telemetry/planted/index.ts", "../prometheus/index.ts"],
  "frameworks-neighbour": ["src/frameworks/planted-too/index.ts", "../node/index.ts"],
  "server-neighbour": ["src/server/planted-too/index.ts", "../planted-beside/index.ts"],
  "page-themes-neighbour": ["src/page/themes/planted/index.ts", "../default/index.ts"],
  "page-formats-neighbour": ["src/page/formats/planted.ts", "./text.ts"],
  "page-languages-neighbour": ["src/page/languages/planted.ts", "./en.ts"],
  "cli-commands-neighbour": ["src/cli/commands/planted.ts", "./planted-beside.ts"],
  "any-runtime": ["src/core/planted-runtime.ts", "node:fs"],
  "no-dependency": ["src/http/planted-dependency.ts", "express"],
  "no-cycle": ["src/core/planted-cycle.ts", "./planted-cycle-back.ts"],
  resolvable: ["src/core/planted-nowhere.ts", "./nowhere.ts"],
  "not-the-front-door": ["src/http/planted-front-door.ts", "../index.ts"],
  "not-a-test": ["src/core/planted-test.ts", "./decide.test.ts"],
};

/** Tests import from everywhere; one is enough to plant an import of it. */
const isCopied = (path: string): boolean => !path.endsWith(".test.ts") || path.endsWith("/decide.test.ts");

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

describe("the import rules", () => {
  let copy = "";
  let rules: readonly string[] = [];
  let violations: readonly Violation[] = [];

  beforeAll(async () => {
    copy = mkdtempSync(join(tmpdir(), "intermission-architecture-"));
    for (const name of ["src", "package.json", "tsconfig.json", ".dependency-cruiser.js"]) {
      cpSync(join(root, name), join(copy, name), { recursive: true, filter: isCopied });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    for (const [file, imported] of Object.values(plants)) plant(file, imported);
    plant("src/core/planted-cycle-back.ts", "./planted-cycle.ts");
    plant("src/cli/commands/planted-beside.ts", "node:path");
    plant("src/server/planted-beside/index.ts", "node:path");

    const { default: config } = (await import(join(root, ".dependency-cruiser.js"))) as {
      readonly default: { readonly forbidden: readonly { readonly name: string }[] };
    };
    rules = config.forbidden.map(({ name }) => name);
    // Its exit status is the number of violations.
    const { stdout } = spawnSync(
      process.execPath,
      [
        join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
        "src",
        "--config",
        "-T",
        "json",
      ],
      { cwd: copy, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
    );
    violations = (JSON.parse(stdout) as { readonly summary: { readonly violations: readonly Violation[] } })
      .summary.violations;
  });

  afterAll(() => {
    rmSync(copy, { recursive: true, force: true });
  });

  /** A type import: the rules restrict what a file knows, not only what it loads. */
  function plant(file: string, imported: string): void {
    const path = join(copy, file);
    mkdirSync(dirname(path), { recursive: true });
    const typeOnly = imported.startsWith(".") ? "type " : "";
    writeFileSync(
      path,
      `import ${typeOnly}* as planted from ${JSON.stringify(imported)};\nexport { planted };\n`,
      {
        flag: "a",
      },
    );
  }

  test("each have a planted violation", () => {
    expect([...rules].sort()).toEqual(Object.keys(plants).sort());
  });

  test.each(Object.entries(plants))("%s is found where it was planted", (rule, [file]) => {
    // A cycle is reported at one of its files.
    const found = violations.filter((violation) => violation.rule.name === rule);
    expect(found.flatMap(({ from, to }) => (rule === "no-cycle" ? [from, to] : [from]))).toContain(file);
  });

  test("blame nothing but what was planted", () => {
    const planted = new Set(Object.values(plants).map(([file]) => file));
    const others = violations.filter(({ from, rule }) => rule.name !== "no-cycle" && !planted.has(from));
    expect(others).toEqual([]);
  });
});

test("no file has more than 300 lines", () => {
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const long = files
    .split("\n")
    .filter((file) => /^(src|test|bench|examples)\/.*\.(ts|js)$/.test(file))
    .map((file) => ({ file, lines: lineCount(file) }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});

/** 0 if the file is deleted, but not committed yet. */
function lineCount(file: string): number {
  try {
    return readFileSync(join(root, file), "utf8").split("\n").length - 1;
  } catch {
    return 0;
  }
}
