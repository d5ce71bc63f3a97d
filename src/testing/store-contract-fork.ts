import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { systemClock } from "../core/runtime.ts";
import { withTimeLimit } from "../core/time-limit.ts";
import type { Job, Report, StoreOpening } from "./store-contract-job.ts";

/** Milliseconds until a process that neither reports nor ends is killed. */
const patience = 90_000;

/** Milliseconds in which a process with nothing left to do must end. */
export const endWithin = 10_000;

/** Runs each job in its own process, all at once. Resolves with the results when all have ended. */
export async function runInProcesses(
  opening: StoreOpening,
  jobs: readonly Job[],
): Promise<readonly boolean[]> {
  const program = findProgram();
  const children = jobs.map(() => {
    return fork(program, [JSON.stringify(opening)], {
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  });
  const killer = setTimeout(() => {
    for (const child of children) child.kill("SIGKILL");
  }, patience);
  try {
    const exits = children.map((child) => once(child, "exit"));
    await Promise.all(children.map((child) => reportOf(child, "ready")));
    const done = children.map((child) => reportOf(child, "done"));
    children.forEach((child, index) => child.send(jobs[index] as Job));
    const reports = await Promise.all(done);
    await Promise.all(exits.map(endInTime));
    return reports.map((report) => report.won);
  } finally {
    clearTimeout(killer);
    for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  }
}

function reportOf<Kind extends Report["kind"]>(
  child: ChildProcess,
  kind: Kind,
): Promise<Extract<Report, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      reject(new Error(`the process ended with ${String(code ?? signal)} before it was ${kind}`));
    });
    child.on("message", (message) => {
      const report = message as Report;
      if (report.kind === "failed") reject(new Error(report.reason));
      else if (report.kind === kind) resolve(report as Extract<Report, { kind: Kind }>);
    });
  });
}

async function endInTime(exit: Promise<unknown[]>): Promise<void> {
  const [code, signal] = await withTimeLimit(systemClock, endWithin, exit, {
    timeIsUp: () => new Error(`the process was done, and did not end within ${String(endWithin / 1000)} s`),
  });
  if (code !== 0) throw new Error(`the process ended with ${String(code ?? signal)}`);
}

// By the package's own name: even in the source tree, this runs the built program.
function findProgram(): string {
  const testing = createRequire(import.meta.url).resolve("intermission/testing");
  return fileURLToPath(new URL("./store-contract-process.js", pathToFileURL(testing)));
}
