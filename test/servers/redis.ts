import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findFreePort } from "./free-port.ts";

export interface RedisServer {
  /** Database 0, with the password. */
  readonly url: string;
  readonly port: number;
  /** Sends it a signal: SIGSTOP freezes it. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it at once by SIGKILL, and waits. Can be repeated. The data stays. */
  halt(): Promise<void>;
  /** Restarts it on its port, with its data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. Can be repeated. */
  stop(): Promise<void>;
}

export function isRedisAvailable(): boolean {
  return findBinary() !== undefined;
}

/**
 * A private server on 127.0.0.1, with a free port and a temporary folder.
 *
 * @param settings More lines of `redis.conf`.
 */
export async function startRedis({
  password,
  settings = [],
}: { readonly password?: string; readonly settings?: readonly string[] } = {}): Promise<RedisServer> {
  const binary = findBinary();
  if (binary === undefined) throw new Error("Redis is not installed");
  const folder = mkdtempSync(join(tmpdir(), "intermission-redis-"));
  const port = await findFreePort();
  const configuration = [
    `port ${String(port)}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    'save ""',
    // Survives the end of the process, which is the worst that a test can do.
    "appendonly yes",
    "appendfsync no",
    ...(password === undefined ? [] : [`requirepass ${JSON.stringify(password)}`]),
    ...settings,
  ].join("\n");
  let daemon: ChildProcess;

  async function start(): Promise<void> {
    daemon = spawn(binary as string, ["-"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    let log = "";
    daemon.stdout?.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
    daemon.stdin?.end(configuration);
    const deadline = Date.now() + 20_000;
    while (!log.includes("Ready to accept connections") || !(await accepts(port))) {
      if (daemon.exitCode !== null || Date.now() > deadline) throw new Error(`Redis did not start: ${log}`);
      await pause(10);
    }
  }

  async function halt(): Promise<void> {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
  }

  try {
    await start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }

  const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
  return {
    url: `redis://${credentials}127.0.0.1:${String(port)}/0`,
    port,
    kill(signal) {
      daemon.kill(signal);
    },
    halt,
    async restart() {
      await halt();
      await start();
    },
    async stop() {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A private Sentinel on 127.0.0.1 that watches a server, and replaces it when it has been down for a moment. */
export async function startSentinel(
  name: string,
  watchedPort: number,
  settings: readonly string[] = [],
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const binary = findBinary();
  if (binary === undefined) throw new Error("Redis is not installed");
  const folder = mkdtempSync(join(tmpdir(), "intermission-sentinel-"));
  const port = await findFreePort();
  // It writes what it learns into its configuration.
  const configuration = join(folder, "sentinel.conf");
  writeFileSync(
    configuration,
    [
      `port ${String(port)}`,
      "bind 127.0.0.1",
      `dir ${folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${String(watchedPort)} 1`,
      `sentinel down-after-milliseconds ${name} 500`,
      `sentinel failover-timeout ${name} 2000`,
      ...settings,
      "",
    ].join("\n"),
  );
  const daemon = spawn(binary, [configuration, "--sentinel"], { cwd: folder, stdio: "ignore" });
  const deadline = Date.now() + 20_000;
  while (!(await accepts(port))) {
    if (daemon.exitCode !== null || Date.now() > deadline) throw new Error("Sentinel did not start");
    await pause(10);
  }
  return {
    port,
    async stop() {
      const ended = once(daemon, "exit");
      if (daemon.kill("SIGKILL")) await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
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

function findBinary(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin"];
  return folders.map((folder) => join(folder, "redis-server")).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
