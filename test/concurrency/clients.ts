import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hrtime } from "node:process";
import { fileURLToPath } from "node:url";
import { toHistory, type History } from "./history.ts";
import type { LogLine } from "./recording-store.js";
import { requireBuild } from "../support/built.ts";

requireBuild();
const program = fileURLToPath(new URL("client.js", import.meta.url));

/** The clients' store: a folder of `src/stores`, and its function's argument. */
export interface StoreOpening {
  readonly kind: string;
  readonly argument: unknown;
}

/** Processes that share a store. */
export interface Clients {
  /** How many were killed so far. */
  readonly killed: number;
  /** Kills one of them by SIGKILL, whatever it is doing, and starts another in its place. */
  killOne(index: number): Promise<void>;
  /** Lets all of them finish their current work. */
  stop(): Promise<void>;
  /** Starts one more, which reads at least once, and lets it finish. */
  runLast(): Promise<void>;
  readHistory(): History;
  /** Kills the rest. */
  clear(): void;
}

/** @param folder Where they record their calls. */
export function startClients(count: number, opening: StoreOpening, folder: string, seed: number): Clients {
  const origin = String(hrtime.bigint());
  const running = new Map<number, ChildProcess>();
  const lastWords = new WeakMap<ChildProcess, string>();
  let started = 0;
  let killed = 0;

  function start(index: number, name: string): ChildProcess {
    const log = join(folder, `${name}.log`);
    const order = { name, origin, log, seed: seed + ++started, ...opening };
    const child = fork(program, [JSON.stringify(order)], {
      execArgv: [],
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      lastWords.set(child, `${lastWords.get(child) ?? ""}${chunk.toString()}`.slice(-4000));
    });
    running.set(index, child);
    return child;
  }

  async function end(child: ChildProcess): Promise<void> {
    refuseEnded(child);
    const ended = once(child, "exit");
    child.send("stop");
    const killer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const [code, signal] = (await ended) as [number | null, string | null];
    clearTimeout(killer);
    if (code !== 0) throw new Error(describeEnd(child, code ?? signal));
  }

  function refuseEnded(child: ChildProcess): void {
    const how = child.exitCode ?? child.signalCode;
    if (how !== null) throw new Error(describeEnd(child, how));
  }

  function describeEnd(child: ChildProcess, how: number | string | null): string {
    return `a client ended, with ${String(how)}: ${lastWords.get(child) ?? "without a word"}`;
  }

  for (let index = 0; index < count; index++) start(index, `p${String(index)}`);

  return {
    get killed() {
      return killed;
    },
    async killOne(index) {
      const child = running.get(index);
      if (child === undefined) throw new Error(`there is no client ${String(index)}`);
      refuseEnded(child);
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      start(index, `p${String(index)}.${String(++killed)}`);
    },
    async stop() {
      const children = [...running.values()];
      running.clear();
      await Promise.all(children.map(end));
    },
    async runLast() {
      const child = start(count, "last");
      running.clear();
      await end(child);
    },
    readHistory() {
      const lines = readdirSync(folder)
        .filter((file) => file.endsWith(".log"))
        .flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"));
      return toHistory(lines.filter(isWhole).map((line) => JSON.parse(line) as LogLine));
    },
    clear() {
      for (const child of running.values()) child.kill("SIGKILL");
    },
  };
}

/** A killed process may leave half a line: it never did what that announces. */
function isWhole(line: string): boolean {
  return line.startsWith("{") && line.endsWith("}");
}
