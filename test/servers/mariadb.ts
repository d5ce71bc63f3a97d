import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, chownSync, constants, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { createConnection, type Connection } from "mysql2/promise";
import { findFreePort } from "./free-port.ts";

const run = promisify(execFile);

export interface MariadbServer {
  /** Contains a user with every right, and the database `intermission`. */
  readonly url: string;
  readonly port: number;
  /** Runs SQL on a new connection. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** A new connection as that user. End it. */
  connect(): Promise<Connection>;
  /** Sends it a signal: SIGSTOP freezes it. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it at once by SIGKILL, and waits. Can be repeated. The data stays. */
  halt(): Promise<void>;
  /** Restarts it on its port, with its data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. Can be repeated. */
  stop(): Promise<void>;
}

export function isMariadbAvailable(): boolean {
  return findBinary("mariadbd") !== undefined && findBinary("mariadb-install-db") !== undefined;
}

/**
 * A private server on 127.0.0.1, with a free port and a temporary folder.
 *
 * @param options `settings`: more parameters of `mariadbd`.
 */
export async function startMariadb(
  options: { readonly password?: string; readonly settings?: readonly string[] } = {},
): Promise<MariadbServer> {
  const [server, installer] = [findBinary("mariadbd"), findBinary("mariadb-install-db")];
  if (server === undefined || installer === undefined) throw new Error("MariaDB is not installed");
  const folder = mkdtempSync(join(tmpdir(), "intermission-mariadb-"));
  const data = join(folder, "data");
  const socket = join(folder, "socket");
  const asRoot = process.getuid?.() === 0;
  // mariadbd refuses to run as root.
  const user = asRoot ? "mysql" : userInfo().username;
  const unprivileged = (command: string, parameters: readonly string[]): [string, string[]] =>
    asRoot
      ? ["setpriv", ["--reuid=mysql", "--regid=mysql", "--clear-groups", command, ...parameters]]
      : [command, [...parameters]];
  if (asRoot) chownSync(folder, ...(await idsOf("mysql")));

  const port = await findFreePort();
  const password = options.password ?? "";
  const settings = [
    "--no-defaults",
    `--datadir=${data}`,
    `--socket=${socket}`,
    // Servers that share one, as in several containers, remove each other's files.
    `--tmpdir=${folder}`,
    `--port=${String(port)}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-buffer-pool-size=16M",
    "--performance-schema=off",
    ...(options.settings ?? []),
  ];
  let daemon: ChildProcess;

  const open = async (as: object): Promise<Connection> => {
    const connection = await createConnection({ multipleStatements: true, connectTimeout: 2000, ...as });
    connection.on("error", () => {});
    return connection;
  };
  const connect = (): Promise<Connection> =>
    open({ host: "127.0.0.1", port, user: "app", password, database: "intermission" });

  async function start(): Promise<void> {
    const [command, parameters] = unprivileged(server as string, settings);
    daemon = spawn(command, parameters, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let log = "";
    daemon.stderr?.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
    const deadline = Date.now() + 30_000;
    while (!(await isReady())) {
      if (daemon.exitCode !== null || Date.now() > deadline) throw new Error(`MariaDB did not start: ${log}`);
      await pause(20);
    }
  }

  async function isReady(): Promise<boolean> {
    try {
      await (await open({ socketPath: socket, user: "root" })).end();
      return true;
    } catch {
      return false;
    }
  }

  async function halt(): Promise<void> {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
  }

  async function query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const connection = await connect();
    try {
      return (await connection.query(sql))[0] as unknown as readonly Record<string, unknown>[];
    } finally {
      await connection.end();
    }
  }

  try {
    await run(
      ...unprivileged(installer, [
        "--no-defaults",
        `--user=${user}`,
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        `--datadir=${data}`,
        `--tmpdir=${folder}`,
      ]),
      { cwd: folder },
    );
    await start();
    const root = await open({ socketPath: socket, user: "root" });
    await root.query(
      `create database intermission;
       create user app@'127.0.0.1' identified by ${root.escape(password)};
       grant all on *.* to app@'127.0.0.1' with grant option`,
    );
    await root.end();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }

  return {
    url: `mysql://app:${encodeURIComponent(password)}@127.0.0.1:${String(port)}/intermission`,
    port,
    query,
    connect,
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

function findBinary(name: string): string | undefined {
  // Debian keeps servers outside users' PATH.
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/bin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function idsOf(user: string): Promise<[number, number]> {
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map(async (flag) => Number((await run("id", [flag, user])).stdout)),
  );
  return [uid ?? 0, gid ?? 0];
}
