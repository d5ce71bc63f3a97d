import { fork, spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { built, requireBuild } from "../support/built.ts";
import { visit } from "../support/http.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const appFile = fileURLToPath(new URL("app.js", import.meta.url));

/** What a visitor can get. Anything else fails the story. */
export type Kind = "success" | "page" | "raw";

export interface Seen {
  readonly release: string;
  /** Which instance answered. */
  readonly url: string;
  readonly path: string;
  readonly kind: Kind;
  readonly milliseconds: number;
}

export interface Instance {
  readonly release: string;
  readonly url: string;
  readonly warnings: readonly string[];
  readonly pid: number;
  /** Its stderr so far. */
  readonly stderr: string;
  visit(path: string): Promise<Seen>;
  /** Lets it finish its work, like a deploy. The exit code; null: a signal ended it. */
  stop(): Promise<number | null>;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command line. */
export interface Running {
  readonly pid: number;
  readonly result: Promise<CommandResult>;
  /** Resolves when it has printed this, on stdout or stderr. Rejects if it ends first. */
  said(words: string): Promise<void>;
  /** Writes a line to its stdin. */
  tell(line: string): void;
  kill(signal: NodeJS.Signals): void;
}

/** One play: its machines, its command line, its temporary folder. {@link Stage.clear} ends all of it. */
export interface Stage {
  readonly folder: string;
  startInstance(
    release: string | undefined,
    environment?: Readonly<Record<string, string>>,
  ): Promise<Instance>;
  /** Runs the built command line as the machine of a release. */
  run(release: string | undefined, ...parameters: readonly string[]): Promise<CommandResult>;
  /** The same, for a play that acts meanwhile. Its stdin ends when the stage is cleared. */
  start(
    release: string | undefined,
    parameters: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Running;
  clear(): Promise<void>;
}

export function createStage(shared: Readonly<Record<string, string>>): Stage {
  requireBuild();
  const folder = mkdtempSync(join(tmpdir(), "intermission-story-"));
  const instances = new Set<ChildProcess>();
  const commands = new Set<ChildProcessWithoutNullStreams>();

  const environmentOf = (release: string | undefined): Record<string, string> => ({
    PATH: process.env["PATH"] ?? "",
    ...shared,
    ...(release === undefined ? {} : { MAINTENANCE_PAGE_RELEASE: release }),
  });

  function start(
    release: string | undefined,
    parameters: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Running {
    const child = spawn(process.execPath, [built("cli/main.js"), ...parameters], {
      cwd: root,
      env: { ...environmentOf(release), ...environment },
    });
    commands.add(child);
    // It no longer listens once it has ended.
    child.stdin.on("error", () => undefined);
    const written = { stdout: "", stderr: "" };
    const heard = new EventEmitter();
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        written[name] += chunk.toString();
        heard.emit("word");
      });
    }
    let ended = false;
    const result = once(child, "close").then(([code]) => {
      ended = true;
      commands.delete(child);
      heard.emit("word");
      return { code: code as number, ...written };
    });
    return {
      pid: child.pid ?? 0,
      result,
      async said(words) {
        while (!written.stdout.includes(words) && !written.stderr.includes(words)) {
          if (ended) throw new Error(`it never said "${words}": ${written.stdout}${written.stderr}`);
          await once(heard, "word");
        }
      },
      tell: (line) => child.stdin.write(`${line}\n`),
      kill: (signal) => child.kill(signal),
    };
  }

  return {
    folder,
    async startInstance(release, environment = {}) {
      const child = fork(appFile, {
        cwd: root,
        env: { ...environmentOf(release), ...environment },
        stdio: "pipe",
      });
      instances.add(child);
      let stderr = "";
      child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      child.stdout?.resume();
      const warnings: string[] = [];
      const url = await new Promise<string>((resolve, reject) => {
        child.on("message", (message: { readonly url?: string; readonly warning?: string }) => {
          if (message.warning !== undefined) warnings.push(message.warning);
          if (message.url !== undefined) resolve(message.url);
        });
        child.once("exit", () => {
          reject(new Error(`the instance did not start: ${stderr}`));
        });
      });
      const agent = new Agent({ keepAlive: true, maxSockets: 4 });
      const name = release ?? "none";
      return {
        release: name,
        url,
        warnings,
        pid: child.pid ?? 0,
        get stderr() {
          return stderr;
        },
        visit: (path) => classify(name, url, path, agent),
        async stop() {
          instances.delete(child);
          agent.destroy();
          if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
          const ended = once(child, "exit");
          child.kill("SIGTERM");
          const [code] = (await ended) as [number | null];
          return code;
        },
      };
    },
    run: (release, ...parameters) => start(release, parameters).result,
    start,
    async clear() {
      for (const child of commands) {
        child.stdin.destroy();
        child.kill("SIGKILL");
      }
      for (const child of instances) child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function classify(release: string, url: string, path: string, agent: Agent): Promise<Seen> {
  const begun = performance.now();
  const { status, headers, body } = await visit(url + path, { agent, headers: { accept: "text/html" } });
  const kind = kindOf(status, headers["retry-after"], body);
  if (kind === undefined)
    throw new Error(`${release} answered ${path} with ${String(status)}: ${body.slice(0, 200)}`);
  return { release, url, path, kind, milliseconds: performance.now() - begun };
}

function kindOf(status: number, retryAfter: string | undefined, body: string): Kind | undefined {
  if (status === 200 && (body === "works" || body === "Momo, Solaris")) return "success";
  if (status === 503 && retryAfter === "60" && body.includes("</html>")) return "page";
  if (status === 500 && body.startsWith("raw: ")) return "raw";
  return undefined;
}

/** Visitors who keep coming, to all instances alike, until told to stop. */
export interface Traffic {
  /** Everything seen since the last call, and at least so many answers of each instance and path. */
  take(atLeast: number): Promise<readonly Seen[]>;
  /** Answers to requests in flight at this call are not counted. */
  startAfresh(): void;
  leave(instance: Instance): Promise<void>;
  join(instance: Instance): void;
  stop(): Promise<void>;
}

export function startTraffic(instances: readonly Instance[], paths: readonly string[]): Traffic {
  let seen: Seen[] = [];
  let generation = 0;
  let failure: unknown;
  let notify: () => void = () => undefined;
  const visitors = new Map<Instance, { on: boolean; done: Promise<unknown> }>();

  async function keepVisiting(
    instance: Instance,
    path: string,
    visitor: { readonly on: boolean },
  ): Promise<void> {
    while (visitor.on) {
      const begunIn = generation;
      try {
        const one = await instance.visit(path);
        if (begunIn === generation) seen.push(one);
      } catch (error) {
        failure ??= error;
      }
      notify();
    }
  }

  function join(instance: Instance): void {
    const visitor = { on: true, done: Promise.resolve() as Promise<unknown> };
    visitor.done = Promise.all(paths.map((path) => keepVisiting(instance, path, visitor)));
    visitors.set(instance, visitor);
  }

  async function leave(instance: Instance): Promise<void> {
    const visitor = visitors.get(instance);
    visitors.delete(instance);
    if (visitor === undefined) return;
    visitor.on = false;
    await visitor.done;
  }

  for (const instance of instances) join(instance);

  return {
    join,
    leave,
    startAfresh() {
      generation++;
      seen = [];
    },
    async take(atLeast) {
      const enough = (): boolean =>
        [...visitors.keys()].every(({ url }) =>
          paths.every((path) => seen.filter((one) => one.url === url && one.path === path).length >= atLeast),
        );
      while (!enough() && failure === undefined) await new Promise<void>((resolve) => (notify = resolve));
      if (failure !== undefined) throw failure as Error;
      const taken = seen;
      seen = [];
      return taken;
    },
    async stop() {
      await Promise.all([...visitors.keys()].map(leave));
      if (failure !== undefined) throw failure as Error;
    },
  };
}
