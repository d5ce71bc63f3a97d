import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, chownSync, constants, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findFreePort } from "./free-port.ts";

export type PgBouncerMode = "session" | "transaction" | "statement";

/** A pooler in front of a test's PostgreSQL server, which trusts everybody. */
export interface Pooler {
  readonly url: string;
  stop(): Promise<void>;
}

const pgBouncer = "/usr/sbin/pgbouncer";
const pgPool = "/usr/sbin/pgpool";

export function isPgBouncerAvailable(): boolean {
  return isExecutable(pgBouncer);
}

export function isPgPoolAvailable(): boolean {
  return isExecutable(pgPool);
}

/** @param size Connections to the server for each database and user. */
export function startPgBouncer(serverPort: number, mode: PgBouncerMode, size = 2): Promise<Pooler> {
  return startPooler([pgBouncer, "pgbouncer.ini"], "SIGTERM", (port, folder) => ({
    "pgbouncer.ini": `[databases]
* = host=127.0.0.1 port=${String(serverPort)} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${String(port)}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = ${String(size)}
ignore_startup_parameters = options
pidfile = ${folder}/pid
`,
  }));
}

export function startPgPool(serverPort: number): Promise<Pooler> {
  return startPooler(
    [pgPool, "-n", "-f", "pgpool.conf", "-a", "pool_hba.conf"],
    "SIGQUIT",
    (port, folder) => ({
      "pool_hba.conf": "host all all 127.0.0.1/32 trust\n",
      "pgpool.conf": `backend_clustering_mode = 'raw'
listen_addresses = '127.0.0.1'
port = ${String(port)}
unix_socket_directories = '${folder}'
pcp_listen_addresses = ''
pcp_socket_dir = '${folder}'
backend_hostname0 = '127.0.0.1'
backend_port0 = ${String(serverPort)}
backend_weight0 = 1
num_init_children = 8
max_pool = 2
pid_file_name = '${folder}/pid'
logdir = '${folder}'
work_dir = '${folder}'
`,
    }),
  );
}

async function startPooler(
  [command, ...parameters]: readonly [string, ...string[]],
  /** Ends it at once, with connections open. */
  endBy: NodeJS.Signals,
  toFiles: (port: number, folder: string) => Readonly<Record<string, string>>,
): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), "intermission-pooler-"));
  const port = await findFreePort();
  for (const [name, text] of Object.entries(toFiles(port, folder))) writeFileSync(join(folder, name), text);
  const asRoot = process.getuid?.() === 0;
  // Neither runs as root.
  const [uid, gid] = asRoot ? ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"]))) : [];
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  const daemon: ChildProcess = spawn(command, parameters, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
  });
  let log = "";
  const remember = (chunk: Buffer): void => void (log = (log + chunk.toString()).slice(-4000));
  daemon.stdout?.on("data", remember);
  daemon.stderr?.on("data", remember);
  async function stop(): Promise<void> {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const ended = once(daemon, "exit");
      daemon.kill(endBy);
      const timer = setTimeout(() => daemon.kill("SIGKILL"), 3000);
      await ended;
      clearTimeout(timer);
    }
    await rm(folder, { recursive: true, force: true });
  }
  const deadline = Date.now() + 20_000;
  while (!(await accepts(port))) {
    if (daemon.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`The pooler did not start: ${log}`);
    }
    await pause(20);
  }
  return { url: `postgres://postgres@127.0.0.1:${String(port)}/postgres`, stop };
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
