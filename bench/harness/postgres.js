import { execFile, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { endWithUs } from "./children.js";
import { findFreePort } from "./free-port.js";

const run = promisify(execFile);
const installed = "/usr/lib/postgresql";
const startLimit = 20_000;

/**
 * A private PostgreSQL on 127.0.0.1, with a free port and a temporary folder, that logs each client message.
 *
 * @param more Server settings that override these.
 */
export async function startPostgres(more = {}) {
  const folder = mkdtempSync(join(tmpdir(), "intermission-bench-postgres-"));
  const data = join(folder, "data");
  const identity = unprivileged();
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
  const options = { cwd: folder, ...identity };
  try {
    await run(binary("initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], options);
    const port = await findFreePort();
    const settings = {
      listen_addresses: "127.0.0.1",
      port,
      unix_socket_directories: folder,
      fsync: "off",
      log_statement: "all",
      log_line_prefix: "%a|%n|",
      ...more,
    };
    const parameters = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    const server = spawn(binary("postgres"), ["-D", data, ...parameters], {
      ...options,
      stdio: ["ignore", "ignore", "pipe"],
    });
    // SIGQUIT: at once, without a checkpoint.
    endWithUs(server, "SIGQUIT");
    let log = "";
    server.stderr.setEncoding("utf8").on("data", (text) => (log += text));
    const ended = once(server, "exit");
    const stop = async () => {
      if (server.exitCode === null && server.signalCode === null) server.kill("SIGINT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    };
    const deadline = Date.now() + startLimit;
    while (!isReady(data)) {
      if (server.exitCode !== null || Date.now() > deadline) {
        await stop();
        throw new Error(`PostgreSQL did not start: ${log.slice(-2000)}`);
      }
      await pause(50);
    }
    return {
      /** Of the postmaster. */
      pid: server.pid,
      port,
      urlFor: (application) =>
        `postgres://postgres@127.0.0.1:${port}/postgres?application_name=${application}`,
      /** An application's messages so far: when (milliseconds since 1970), and their SQL. */
      messagesOf: (application) => parseLog(log, application),
      stop,
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function parseLog(log, application) {
  const pattern = new RegExp(`^${application}\\|([\\d.]+)\\|LOG:  (?:statement|execute [^:]*): (.*)$`, "gm");
  return Array.from(log.matchAll(pattern), ([, seconds, sql]) => ({ at: Number(seconds) * 1000, sql }));
}

/** It refuses to run as root. */
function unprivileged() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function binary(name) {
  const versions = existsSync(installed) ? readdirSync(installed).sort((one, other) => other - one) : [];
  return versions.map((version) => join(installed, version, "bin", name)).find(existsSync) ?? name;
}

function isReady(data) {
  try {
    return readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[7]?.trim() === "ready";
  } catch {
    return false;
  }
}
