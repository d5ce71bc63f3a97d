import { execFile, fork } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import ts from "typescript";
import { createIntermission } from "../../src/index.ts";
import { built } from "../support/built.ts";
import { root, type Block } from "./blocks.ts";

/** Stand-ins for the programs of a reader's deploy; ours is the real one. */
const programs = {
  intermission: `exec "${process.execPath}" "${built("cli/main.js")}" "$@"`,
  npx: `test "$1" = intermission && shift && exec intermission "$@"`,
  npm: `test "$1" = run`,
  python: `test "$1" = manage.py`,
  // Its last argument runs in a container of the app.
  kamal: `test "$1 $2" = "app exec" && sh -c "\${@: -1}"`,
};

export interface Workplace {
  readonly folder: string;
  /** Runs a text in bash and stops at the first failure. Rejects if it fails. */
  shell(script: string, environment?: Environment): Promise<string>;
  /** Runs a module to its end. Rejects if it fails. */
  node(file: string): Promise<string>;
  /** Starts a module that serves, as release v1.0 while v1.1 is current, on a free loopback port. */
  serve(file: string): Promise<{ readonly address: string; stop(): Promise<void> }>;
  /** Writes a block as a file that Node can run. */
  place(block: Block, name: string): string;
  remove(): void;
}

export type Environment = Readonly<Record<string, string>>;

/** A folder in which a reader could follow the documents, with our package installed. */
export function createWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "intermission-docs-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  linkPackages(folder);
  const environment: Environment = {
    PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}`,
    HOME: folder,
    NODE_ENV: "test",
  };

  function run(command: string, parameters: readonly string[], extra: Environment = {}): Promise<string> {
    const options = {
      cwd: folder,
      env: { ...environment, ...extra },
      timeout: 30_000,
      encoding: "utf8",
    } as const;
    return new Promise((settle, reject) => {
      execFile(command, parameters, options, (error, stdout, stderr) => {
        if (error === null) settle(stdout);
        else reject(new Error(`${error.message}\n${stdout}${stderr}`, { cause: error }));
      });
    });
  }

  const shell = (script: string, extra?: Environment): Promise<string> =>
    run("bash", ["-euo", "pipefail", "-c", script], extra);

  return {
    folder,
    shell,
    node: (file) => run(process.execPath, [file]),
    async serve(file) {
      await recordReleases(folder);
      const child = fork(join(folder, file), {
        cwd: folder,
        env: { ...environment, MAINTENANCE_PAGE_RELEASE: "v1.0" },
        execArgv: ["--import", join(import.meta.dirname, "loopback.js")],
        silent: true,
      });
      let errors = "";
      child.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
      const exited = new Promise<void>((settle) =>
        child.once("exit", () => {
          settle();
        }),
      );
      const port = await Promise.race([
        new Promise<unknown>((settle) => child.once("message", settle)),
        exited.then(() => Promise.reject(new Error(`${file} ended before it listened:\n${errors}`))),
      ]);
      return {
        address: `http://127.0.0.1:${String(port)}`,
        stop() {
          child.kill();
          return exited;
        },
      };
    },
    place(block, name) {
      const file = `${name}.mjs`;
      const target = ts.ScriptTarget.ES2023;
      const { outputText } = ts.transpileModule(block.text, {
        compilerOptions: {
          target,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
          experimentalDecorators: true,
        },
      });
      writeFileSync(join(folder, file), outputText);
      return file;
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** In the default store of an app in that folder. */
async function recordReleases(folder: string): Promise<void> {
  const store = `sqlite:${join(folder, ".intermission/state.db")}`;
  const intermission = createIntermission({ store }, { environment: {}, watching: false });
  for (const release of ["v1.0", "v1.1"]) await intermission.createRelease(release, { wait: false });
  await intermission.close();
}

/** Links ours and those installed in this repository, as if the reader had installed them. */
export function linkPackages(folder: string): void {
  const packages = join(root, "node_modules");
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/intermission"));
  for (const name of readdirSync(packages)) {
    if (!name.startsWith(".")) symlinkSync(join(packages, name), join(folder, "node_modules", name));
  }
}
