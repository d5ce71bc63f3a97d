import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A test's server process, with a temporary folder for its data. */
export interface Daemon {
  readonly folder: string;
  /** Sends it a signal: SIGSTOP freezes it. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it at once by SIGKILL, and waits. Can be repeated. The data stays. */
  halt(): Promise<void>;
  /** Restarts it with its data, and other arguments if given. */
  restart(words?: readonly string[]): Promise<void>;
  /** Ends it and removes its data. Can be repeated. */
  stop(): Promise<void>;
}

/**
 * @param words The command line for the data's folder.
 * @param isReady Polled, with its output so far, once its port accepts connections.
 */
export async function startDaemon(
  binary: string,
  port: number,
  words: (folder: string) => readonly string[],
  isReady: (log: string) => boolean | Promise<boolean>,
): Promise<Daemon> {
  const path = findBinary(binary);
  if (path === undefined) throw new Error(`${binary} is not installed`);
  const folder = mkdtempSync(join(tmpdir(), `intermission-${binary}-`));
  let daemon: ChildProcess;
  let isHalting = false;

  async function start(all: readonly string[]): Promise<void> {
    daemon = spawn(path as string, all, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    for (const stream of [daemon.stdout, daemon.stderr])
      stream?.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-8000)));
    isHalting = false;
    daemon.once("exit", (code, signal) => {
      if (!isHalting)
        console.error(`${binary} ended by itself, with ${signal ?? String(code)}: ${log.slice(-2000)}`);
    });
    const deadline = Date.now() + 30_000;
    while (!(await accepts(port)) || !(await isReady(log))) {
      if (daemon.exitCode !== null || Date.now() > deadline)
        throw new Error(`${binary} did not start: ${log.slice(-2000)}`);
      await pause(20);
    }
  }

  async function halt(): Promise<void> {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    isHalting = true;
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
  }

  try {
    await start(words(folder));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    folder,
    kill(signal) {
      isHalting = true;
      daemon.kill(signal);
    },
    halt,
    async restart(others) {
      await halt();
      await start(others ?? words(folder));
    },
    async stop() {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Debian keeps servers in /usr/sbin, which is not in every user's PATH. */
export function findBinary(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

async function accepts(port: number): Promise<boolean> {
  const socket = createConnection({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
