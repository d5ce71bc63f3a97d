import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterEach, describe, expect, test } from "vitest";
import { createOutput } from "../terminal/output.ts";
import { run } from "../run.ts";

const home = process.cwd();
const folders: string[] = [];

afterEach(() => {
  process.chdir(home);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string>>;

const git = (folder: string, ...words: readonly string[]): void => {
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.test", ...words], { cwd: folder });
};

/** A folder with these files, all of them committed to git. */
function project(files: Files): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "intermission-init-")));
  folders.push(folder);
  write(folder, files);
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "start", "--allow-empty");
  return folder;
}

function write(folder: string, files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

const textOf = (folder: string, file: string): string => readFileSync(join(folder, file), "utf8");

async function init(
  folder: string,
  ...words: readonly string[]
): Promise<{ readonly status: number; readonly text: string }> {
  process.chdir(folder);
  let text = "";
  const sink = { write: (piece: string) => (text += piece) };
  const json = words.includes("--json");
  const output = createOutput({ stdout: sink, stderr: sink, json, environment: {} });
  const status = await run(["init", ...words], { environment: {}, output });
  return { status, text };
}

const manifest = (dependencies: Files, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ name: "shop", dependencies, ...more });

describe("an app", () => {
  const files = {
    "package.json": manifest({ express: "5", pg: "8" }, { type: "module" }),
    "server.js": 'import express from "express";\n\nconst app = express();\napp.listen(3000);\n',
    "fly.toml": '[deploy]\n  release_command = "npm run migrate"\n',
  };

  test("is found out, and shown without a change", async () => {
    const folder = project(files);
    const { status, text } = await init(folder, "--json");
    expect(status).toBe(0);
    expect(JSON.parse(text)).toMatchObject({
      found: { framework: "express", packageManager: "npm", store: "postgres", platforms: ["fly"] },
      edits: [
        { file: "server.js", written: false },
        { file: ".env.example", written: false },
        { file: "fly.toml", written: false },
      ],
      byHand: ["npm install intermission", expect.stringContaining("Set MAINTENANCE_STORE")],
    });
    for (const [file, before] of Object.entries(files)) expect(textOf(folder, file)).toBe(before);
  });

  test("gets its lines once, in new folders too", async () => {
    const folder = project({ ...files, "package.json": manifest({ "@sveltejs/kit": "2" }) });
    expect((await init(folder, "--write", "--yes")).status).toBe(0);
    expect(textOf(folder, "src/hooks.server.js")).toContain("export const handle = maintenancePage();\n");
    expect(textOf(folder, "fly.toml")).toContain('"npx intermission deploy -- npm run migrate"');
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "init");
    expect(JSON.parse((await init(folder, "--json")).text)).toMatchObject({ edits: [] });
  });
});

describe("a file that git can't give back", () => {
  const files = {
    "package.json": manifest({ koa: "3" }, { type: "module" }),
    "app.js": 'import Koa from "koa";\nconst app = new Koa();\n',
  };

  test("stays untouched where it has changes: status 1, and the others are written", async () => {
    const folder = project(files);
    const changed = `${files["app.js"]}// mine\n`;
    write(folder, { "app.js": changed });
    const { status, text } = await init(folder, "--write", "--yes");
    expect(status).toBe(1);
    expect(text).toContain("git does not have this file as it is");
    expect(textOf(folder, "app.js")).toBe(changed);
    expect(textOf(folder, ".env.example")).toContain("MAINTENANCE_PAGE_RELEASE");
  });

  test("stays untouched where it is not in git, and where there is no git", async () => {
    const folder = project({ "package.json": files["package.json"] });
    write(folder, { "app.js": files["app.js"] });
    expect((await init(folder, "--write", "--yes")).status).toBe(1);
    rmSync(join(folder, ".git"), { recursive: true });
    expect((await init(folder, "--write", "--yes")).status).toBe(1);
    expect(textOf(folder, "app.js")).toBe(files["app.js"]);
  });
});
