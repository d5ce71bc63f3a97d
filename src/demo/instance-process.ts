import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { InstanceMessage } from "./messages.ts";

export interface InstanceProcess {
  readonly child: ChildProcess;
  readonly processId: number;
  readonly port: number;
}

export interface InstanceProcessOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly onProcess: (child: ChildProcess) => void;
  readonly onMessage: (message: InstanceMessage) => void;
  /** The first line of each entry in its log (stderr). */
  readonly onLog: (line: string) => void;
}

/** Milliseconds. */
const startLimit = 15_000;
const stopLimit = 3000;

/**
 * Starts an instance, and resolves when its health check answers.
 *
 * @throws Error if it ends, or is silent for 15 s, before that. The process is gone then.
 */
export async function startInstance(options: InstanceProcessOptions): Promise<InstanceProcess> {
  const child = fork(fileURLToPath(new URL("./instance.js", import.meta.url)), [], {
    env: options.environment,
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  options.onProcess(child);
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (chunk: string) => {
    // A stack trace is indented, and the message comes before it.
    const line = chunk.split("\n", 20).find((text) => /^[^\s({]/.test(text));
    if (line !== undefined) options.onLog(line.slice(0, 200));
  });
  child.on("message", options.onMessage);

  try {
    const port = await listeningPort(child);
    const answer = await fetch(`http://127.0.0.1:${String(port)}/health`, {
      signal: AbortSignal.timeout(5000),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`Its health check answered ${String(answer.status)}.`);
    return { child, processId: child.pid ?? 0, port };
  } catch (error) {
    await stopInstance(child);
    throw error;
  }
}

/** Lets an instance finish its answers and waits for it to end; kills it after 3 s. */
export async function stopInstance(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const end = once(child, "exit");
  const kill = setTimeout(() => child.kill("SIGKILL"), stopLimit);
  // Closing the channel tells the instance to stop, on every system.
  if (child.connected) child.disconnect();
  else child.kill("SIGTERM");
  await end;
  clearTimeout(kill);
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error("It did not start in time."));
    }, startLimit);
    child.on("message", (message: InstanceMessage) => {
      if (message.type !== "listening") return;
      clearTimeout(limit);
      resolve(message.port);
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(limit);
      reject(new Error(`It ended with ${signal ?? `exit code ${String(code)}`}.`));
    });
  });
}
