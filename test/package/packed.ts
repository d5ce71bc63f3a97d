import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { requireBuild } from "../support/built.ts";

export const root = resolve(import.meta.dirname, "../..");

export interface Packed {
  /** The tarball. */
  readonly file: string;
  /** Its contents, sorted: paths from the package's own folder. */
  readonly contents: readonly string[];
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** A new folder with only the tarball installed. */
  consumer(files: Readonly<Record<string, string>>): Promise<Consumer>;
  remove(): void;
}

export interface Consumer {
  readonly folder: string;
  run(command: string, ...parameters: string[]): Promise<Outcome>;
  /** Type-checks with this repository's TypeScript, unless another folder is given. Empty: no errors. */
  compile(options: Readonly<Record<string, unknown>>, typescript?: string): Promise<string>;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Packs the build like `npm publish`. */
export async function pack(): Promise<Packed> {
  requireBuild();
  const folder = mkdtempSync(join(tmpdir(), "intermission-package-"));
  const { stdout } = await succeed(
    root,
    "npm",
    "pack",
    "--json",
    "--ignore-scripts",
    "--pack-destination",
    folder,
  );
  const [report] = JSON.parse(stdout) as readonly {
    readonly filename: string;
    readonly size: number;
    readonly unpackedSize: number;
    readonly files: readonly { readonly path: string }[];
  }[];
  if (report === undefined) throw new Error(`npm pack reported nothing: ${stdout}`);
  const file = join(folder, report.filename);
  let installed: Promise<string> | undefined;
  let consumers = 0;

  async function install(): Promise<string> {
    const template = join(folder, "template");
    mkdirSync(template);
    writeFileSync(join(template, "package.json"), JSON.stringify({ name: "consumer", private: true }));
    // Offline, so that only the tarball is available.
    await succeed(template, "npm", "install", "--offline", "--no-audit", "--no-fund", file);
    return template;
  }

  return {
    file,
    contents: report.files.map(({ path }) => path).sort(),
    packedBytes: report.size,
    unpackedBytes: report.unpackedSize,
    async consumer(files) {
      const template = await (installed ??= install());
      const path = join(folder, `consumer-${String(++consumers)}`);
      cpSync(template, path, { recursive: true, verbatimSymlinks: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
      return toConsumer(path);
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function toConsumer(folder: string): Consumer {
  return {
    folder,
    run: (command, ...parameters) => run(folder, command, ...parameters),
    async compile(options, typescript = join(root, "node_modules/typescript")) {
      const compilerOptions = { noEmit: true, strict: true, skipLibCheck: false, ...options };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
      const program = join(typescript, "bin/tsc");
      return (await run(folder, process.execPath, program, "--project", folder)).stdout;
    },
  };
}

/** A package from the registry, in its own folder. Returns where it is. */
export async function install(folder: string, name: string, version: string): Promise<string> {
  await succeed(
    folder,
    "npm",
    "install",
    "--no-audit",
    "--no-fund",
    "--prefix",
    folder,
    `${name}@${version}`,
  );
  return join(folder, "node_modules", name);
}

/** Lends a consumer packages of this repository, as if it had installed them. */
export function lend(consumer: Consumer, ...packages: readonly string[]): void {
  for (const name of packages) {
    const link = join(consumer.folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }
}

async function succeed(folder: string, command: string, ...parameters: string[]): Promise<Outcome> {
  const outcome = await run(folder, command, ...parameters);
  if (outcome.code !== 0) {
    throw new Error(`${command} ${parameters.join(" ")}: exit ${String(outcome.code)}\n${outcome.stderr}`);
  }
  return outcome;
}

export function run(folder: string, command: string, ...parameters: string[]): Promise<Outcome> {
  return new Promise((settle) => {
    const options = { cwd: folder, env: cleanEnvironment(), timeout: 90_000, encoding: "utf8" } as const;
    execFile(command, parameters, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      settle({ code, stdout, stderr });
    });
  });
}

/** npm tells its scripts what runs them; a consumer's npm must not take itself for a part of that. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const own = /^(npm_|MAINTENANCE_|DJANGO_MAINTENANCE_|DATABASE_URL$|NODE_ENV$|VITEST|TEST$)/i;
  const kept = /^npm_config_(registry|cafile|cache|userconfig|globalconfig)$/i;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !own.test(name) || kept.test(name)),
  );
}
