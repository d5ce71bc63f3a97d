import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inject } from "vitest";
import { findFreePort } from "../servers/free-port.ts";
import type { NodeProgram } from "./nodes.ts";

/** An app that a framework's own command builds, as in a team's repository. */
export interface AppPlan {
  /** Its folder in test/built, if it has files in addition to `files`. */
  readonly name: string;
  /** What it installs in addition to our package: exact versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** The rest of its package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Files in addition to the folder's: text by path in the app. */
  readonly files?: Readonly<Record<string, string>>;
  /** A program of node_modules/.bin and its arguments. Left out: no build. */
  readonly build?: readonly [program: string, ...words: string[]];
  readonly node: NodeProgram;
}

export interface StartPlan {
  /** The program to start, by its name in the PATH, if not Node. */
  readonly program?: string;
  /** A file of the app and its arguments for Node. `{port}` is replaced by the port. */
  readonly command: readonly [file: string, ...words: string[]];
  /** With `--import intermission/auto`. */
  readonly auto?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly node?: NodeProgram;
}

export interface BuiltApp {
  readonly folder: string;
  /** Resolves when it accepts connections. */
  start(plan: StartPlan): Promise<RunningApp>;
  remove(): Promise<void>;
}

export interface RunningApp {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Its output so far, stdout and stderr. */
  output(): string;
  stop(): Promise<void>;
}

const installWithin = 240_000;
const buildWithin = 300_000;
const startWithin = 60_000;

/** Installs and builds an app in its own folder. */
export async function buildApp(plan: AppPlan): Promise<BuiltApp> {
  const folder = await mkdtemp(join(tmpdir(), `intermission-built-${plan.name}-`));
  try {
    const files = join(import.meta.dirname, plan.name);
    if (existsSync(files)) await cp(files, folder, { recursive: true });
    for (const [path, text] of Object.entries(plan.files ?? {})) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const dependencies = { ...plan.packages, intermission: `file:${inject("tarball")}` };
    const manifest = { name: "app", private: true, type: "module", ...plan.manifest, dependencies };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    await run("npm", ["install", ...quiet], folder, environmentOf(plan.node), installWithin);
    const [program, ...words] = plan.build ?? [];
    if (program !== undefined) {
      const file = join(folder, "node_modules/.bin", program);
      await run(plan.node.path, [file, ...words], folder, environmentOf(plan.node), buildWithin);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    folder,
    start: (how) => startApp(folder, { node: plan.node, ...how }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Starts an app in any folder. */
export async function startApp(
  folder: string,
  { program, command, auto = false, environment = {}, node }: StartPlan & { readonly node: NodeProgram },
): Promise<RunningApp> {
  const port = await findFreePort();
  const words = command.map((word) => word.replaceAll("{port}", String(port)));
  const child = spawn(program ?? node.path, [...(auto ? ["--import", "intermission/auto"] : []), ...words], {
    cwd: folder,
    // Frameworks start workers.
    detached: true,
    env: {
      ...environmentOf(node),
      NODE_ENV: "production",
      PORT: String(port),
      HOST: "127.0.0.1",
      HOSTNAME: "127.0.0.1",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-100_000)));

  async function stop(): Promise<void> {
    const { pid } = child;
    if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    process.kill(-pid, "SIGKILL");
    await ended;
  }

  const url = `http://127.0.0.1:${String(port)}`;
  const deadline = Date.now() + startWithin;
  while (!(await answers(url))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${command.join(" ")} does not answer:\n${output}`);
    }
    await pause(50);
  }
  return { url, output: () => output, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** The machine's own, without what our test runner, npm or a deploy added. */
function environmentOf(node: NodeProgram): NodeJS.ProcessEnv {
  const foreign = /^(npm_|MAINTENANCE_|DJANGO_MAINTENANCE_|DATABASE_URL$|NODE_|VITEST|TEST$|CI$)/i;
  const kept = /^npm_config_(registry|cafile|cache|userconfig|globalconfig)$/i;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name) || kept.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: `${dirname(node.path)}${delimiter}${process.env["PATH"] ?? ""}`,
    ASTRO_TELEMETRY_DISABLED: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    NUXT_TELEMETRY_DISABLED: "1",
  };
}

function run(
  program: string,
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  timeout: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { cwd, env, timeout, maxBuffer: 50e6 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`.slice(0, 10_000), { cause: error }));
    });
  });
}
