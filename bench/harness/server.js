import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { endWithUs } from "./children.js";

const root = resolve(import.meta.dirname, "../..");
const startLimit = 15_000;
const answerLimit = 10_000;

/**
 * Starts one of bench/apps in its own process, with its stderr in a file, as in production.
 *
 * @param side `app`: its name. `nodeOptions`, `environment`: what it gets in addition.
 */
export async function startServer({ app, nodeOptions = [], environment = {} }, folder) {
  const log = openSync(join(folder, `${app}.log`), "w");
  const child = spawn(process.execPath, [...nodeOptions, join(root, "bench/apps", `${app}.js`)], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...environment },
    stdio: ["ignore", "pipe", log],
  });
  endWithUs(child);
  closeSync(log);
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit");

  const nextLine = async (limit) => {
    const line = await Promise.race([
      once(lines, "line", { signal: AbortSignal.timeout(limit) }),
      ended.then(([code]) => {
        throw new Error(`${app} ended with ${String(code)}; see its stderr: run it by hand`);
      }),
    ]);
    return line[0];
  };
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  };

  try {
    const url = await nextLine(startLimit);
    return {
      url,
      pid: child.pid,
      /** Collects garbage, and returns the bytes left: `heapUsed`, `external`. Needs `--expose-gc`. */
      async collect() {
        const line = nextLine(answerLimit);
        child.kill("SIGUSR2");
        return JSON.parse(await line);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
