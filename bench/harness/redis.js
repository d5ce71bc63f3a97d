import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { accepts } from "./accepts.js";
import { endWithUs } from "./children.js";
import { findFreePort } from "./free-port.js";

const startLimit = 20_000;

/** A private Redis on 127.0.0.1, with a free port and a temporary folder. */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), "intermission-bench-redis-"));
  const port = await findFreePort();
  const parameters = ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const server = spawn("redis-server", parameters.map(String), { cwd: folder, stdio: "ignore" });
  endWithUs(server);
  const ended = once(server, "exit");
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + startLimit;
  while (!(await accepts(port))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error("Redis did not start");
    }
    await pause(20);
  }
  return { url: `redis://127.0.0.1:${port}/0`, port, pid: server.pid, stop };
}
