import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { accepts } from "./accepts.js";
import { endWithUs } from "./children.js";
import { findFreePort } from "./free-port.js";

const startLimit = 10_000;

/**
 * A private nginx on 127.0.0.1, with a free port, a temporary folder and one worker.
 *
 * @param location the contents of its one location.
 * @param http what goes next to the server.
 */
export async function startNginx(location, http = "") {
  const folder = mkdtempSync(join(tmpdir(), "intermission-bench-nginx-"));
  // Its worker is another user, and keeps large bodies there.
  chmodSync(folder, 0o755);
  const port = await findFreePort();
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const configuration = `
daemon off; worker_processes 1; pid ${join(folder, "pid")}; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000; default_type text/plain; ${paths.join(" ")}
  ${http}
  server { listen 127.0.0.1:${port}; location / { ${location} } }
}
`;
  const file = join(folder, "nginx.conf");
  writeFileSync(file, configuration);
  const server = spawn("nginx", ["-c", file, "-p", folder, "-e", "stderr"], { stdio: "ignore" });
  endWithUs(server, "SIGTERM");
  const ended = once(server, "exit");
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + startLimit;
  while (!(await accepts(port))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error("nginx did not start");
    }
    await pause(20);
  }
  return { url: `http://127.0.0.1:${port}`, pid: server.pid, stop };
}
