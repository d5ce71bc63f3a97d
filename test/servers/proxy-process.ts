import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A private copy of a reverse proxy. */
export interface ProxyProcess {
  readonly pid: number;
  /** Its output so far, stdout and stderr. */
  log(): string;
  /** Ends it and its child processes at once. Can be repeated. */
  stop(): Promise<void>;
}

export interface ProxyCommand {
  readonly command: string;
  readonly words: readonly string[];
  /** Its log and its working directory. */
  readonly folder: string;
  /** Where it accepts connections once it is ready. */
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
}

const startWithin = 20_000;

/** Whether a program is on this machine. */
export function isInstalled(command: string, ...words: readonly string[]): boolean {
  return spawnSync(command, words, { timeout: 10_000 }).status === 0;
}

/** Starts a proxy in the foreground, in its own process group. */
export async function startProxyProcess({
  command,
  words,
  folder,
  port,
  environment = {},
}: ProxyCommand): Promise<ProxyProcess> {
  const logFile = join(folder, "proxy.log");
  const output = openSync(logFile, "a");
  const child = spawn(command, words, {
    cwd: folder,
    detached: true,
    env: { PATH: process.env["PATH"], HOME: folder, ...environment },
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  const log = (): string => readFileSync(logFile, "utf8").slice(-4000);
  let problem: Error | undefined;
  child.once("error", (error) => (problem = error));

  async function stop(): Promise<void> {
    const { pid } = child;
    if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    // The group, because its workers would survive.
    process.kill(-pid, "SIGKILL");
    await ended;
  }

  const deadline = Date.now() + startWithin;
  while (!(await accepts(port))) {
    if (problem !== undefined || child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${command} did not start: ${problem?.message ?? log()}`);
    }
    await pause(20);
  }
  return { pid: child.pid ?? 0, log, stop };
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
