import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { findFreePort } from "./free-port.ts";

const run = promisify(execFile);

export interface PostgresServer {
  /** Contains a superuser without a password. */
  readonly url: string;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  /** Lines of its log that report a problem, since it started. */
  errors(): readonly string[];
  /** Runs SQL on a new connection. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Sends the postmaster a signal: SIGSTOP freezes it (its backends go on), SIGKILL is a crash. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it at once, like `pg_ctl stop -m immediate`, and waits. Can be repeated. The data stays. */
  halt(): Promise<void>;
  /** Restarts it on its port, with its data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. Can be repeated. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Write through to disk, like a production server: for measurements. */
  readonly fsync?: boolean;
  /** More `-c` settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Requires this password on every connection, by SCRAM. `url` then contains it. */
  readonly password?: string;
  /** It begins as a hot standby of this server, which trusts everybody. */
  readonly standbyOf?: Pick<PostgresServer, "port">;
}

export function isPostgresAvailable(): boolean {
  return findBinaries() !== undefined;
}

/** A private server on 127.0.0.1, with a free port and a temporary folder. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const binaries = findBinaries();
  if (binaries === undefined) throw new Error("PostgreSQL is not installed");
  const folder = mkdtempSync(join(tmpdir(), "intermission-postgres-"));
  const data = join(folder, "data");
  const asRoot = process.getuid?.() === 0;
  // initdb and postgres refuse to run as root.
  const unprivileged = (command: string, parameters: readonly string[]): [string, string[]] =>
    asRoot
      ? ["setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", command, ...parameters]]
      : [command, [...parameters]];
  if (asRoot) chownSync(folder, ...(await idsOf("postgres")));

  const initialise = [
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "--no-sync",
    "--encoding=UTF8",
    "--locale=C",
  ];
  const { standbyOf } = options;
  const copy = ["-D", data, "-R", "-c", "fast", "--no-sync", "-h", "127.0.0.1", "-U", "postgres"];
  const [program, words] =
    standbyOf === undefined
      ? ["initdb", initialise]
      : ["pg_basebackup", [...copy, "-p", String(standbyOf.port)]];
  await run(...unprivileged(join(binaries, program), words), { cwd: folder });

  const port = await findFreePort();
  const address = `127.0.0.1:${String(port)}/postgres`;
  const adminUrl = `postgres://postgres@${address}`;
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: folder,
    ...(options.fsync === true ? {} : { fsync: "off", full_page_writes: "off" }),
    ...options.settings,
  };
  let postmaster: ChildProcess;
  const errors: string[] = [];

  async function start(): Promise<void> {
    const parameters = [
      "-D",
      data,
      ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
    ];
    const [command, rest] = unprivileged(join(binaries as string, "postgres"), parameters);
    postmaster = spawn(command, rest, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let log = "";
    postmaster.stderr?.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4000);
      errors.push(
        ...chunk
          .toString()
          .split("\n")
          .filter((line) => / (?:WARNING|ERROR|FATAL|PANIC): /.test(line)),
      );
    });
    const deadline = Date.now() + 20_000;
    while (!isReady(data, postmaster.pid)) {
      if (postmaster.exitCode !== null || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start: ${log}`);
      await pause(20);
    }
  }

  async function halt(): Promise<void> {
    if (postmaster.exitCode !== null || postmaster.signalCode !== null) return;
    const ended = once(postmaster, "exit");
    postmaster.kill("SIGQUIT");
    postmaster.kill("SIGCONT");
    await ended;
  }

  async function query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ connectionString: options.password === undefined ? adminUrl : url });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  let url = adminUrl;
  try {
    await start();
    if (options.password !== undefined) {
      const client = new Client({ connectionString: adminUrl });
      await client.connect();
      await client.query(`alter user postgres password ${client.escapeLiteral(options.password)}`);
      await client.query(
        `copy (select 'host all all 127.0.0.1/32 scram-sha-256') to '${join(data, "pg_hba.conf")}'`,
      );
      await client.query("select pg_reload_conf()");
      await client.end();
      url = `postgres://postgres:${encodeURIComponent(options.password)}@${address}`;
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }

  return {
    url,
    port,
    get pid() {
      return postmaster.pid ?? 0;
    },
    query,
    errors: () => errors,
    kill(signal) {
      postmaster.kill(signal);
    },
    halt,
    restart: async () => {
      await halt();
      await start();
    },
    async stop() {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function findBinaries(): string | undefined {
  const root = "/usr/lib/postgresql";
  const debian = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...debian.map((version) => join(root, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return folders.find((folder) => ["initdb", "postgres"].every((name) => isExecutable(join(folder, name))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** By the postmaster's lock file: one left by a crashed server has another process id. */
function isReady(data: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && /^(?:ready|standby)\s*$/.test(lines[7] ?? "");
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
