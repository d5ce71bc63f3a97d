import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { addUp, createControl, type GatewayStatus } from "./control.ts";
import { listen, urlOf } from "./index.ts";
import type { ListenAddress } from "./settings.ts";

/** Several processes that share the connections of one address. */
export interface Workers {
  /** The visitors' address. */
  readonly url: string;
  readonly controlUrl: string | undefined;
  /** Passes a signal to each. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when all have ended. A second call hurries them. */
  close(): Promise<void>;
}

/** A worker says that it listens, or answers a question about its status. */
export type WorkerMessage =
  { readonly listening: string } | { readonly status: GatewayStatus; readonly to: number };

export interface WorkerQuestion {
  readonly question: number;
}

/** A worker that died is replaced after this time. Milliseconds. */
const replaceAfter = 1000;
const answerWithin = 2000;

export interface WorkersOptions {
  readonly count: number;
  readonly control: ListenAddress | undefined;
  /** Tells a worker that it is one. */
  readonly environment: Readonly<Record<string, string>>;
  readonly warn: (message: string) => void;
}

/** @throws Error if the first worker ends before it listens; it has said why by then. */
export async function startWorkers({ count, control, environment, warn }: WorkersOptions): Promise<Workers> {
  const workers = new Set<Worker>();
  const asked = new Map<number, (status: GatewayStatus) => void>();
  let question = 0;
  let closing = false;
  let hasStarted = false;
  let ended = (): void => {};

  function start(): Worker {
    const worker = cluster.fork(environment);
    workers.add(worker);
    worker.on("message", (message: WorkerMessage) => {
      if ("status" in message) asked.get(message.to)?.(message.status);
    });
    worker.on("error", () => {
      // The worker is already ending.
    });
    worker.on("exit", (code, signal: string | null) => {
      workers.delete(worker);
      if (closing) {
        if (workers.size === 0) ended();
        return;
      }
      if (!hasStarted) return;
      warn(`A worker has ended (${signal ?? String(code)}); another one takes its place`);
      setTimeout(() => {
        if (!closing) start();
      }, replaceAfter);
    });
    return worker;
  }

  const all = Array.from({ length: count }, start);
  const addresses = await Promise.all(all.map(listening));
  if (addresses.includes(undefined)) {
    closing = true;
    for (const worker of workers) worker.kill();
    throw new Error("A worker could not be started");
  }
  hasStarted = true;
  const url = addresses[0] ?? "";

  async function askAll(): Promise<GatewayStatus> {
    const answers = [...workers].map(
      (worker) =>
        new Promise<GatewayStatus | undefined>((resolve) => {
          const number = question++;
          const limit = setTimeout(settle, answerWithin, undefined);
          function settle(status: GatewayStatus | undefined): void {
            clearTimeout(limit);
            asked.delete(number);
            resolve(status);
          }
          asked.set(number, settle);
          if (worker.isConnected()) worker.send({ question: number } satisfies WorkerQuestion);
          else settle(undefined);
        }),
    );
    const known = (await Promise.all(answers)).filter((status) => status !== undefined);
    if (known.length === 0) throw new Error("No worker answers");
    return addUp(known);
  }

  const server = control === undefined ? undefined : createControl(askAll, () => closing);
  if (server !== undefined && control !== undefined) await listen(server, control);

  const signal = (name: NodeJS.Signals): void => {
    for (const worker of workers) worker.process.kill(name);
  };
  const allEnded = new Promise<void>((resolve) => (ended = resolve));
  return {
    url,
    controlUrl: server && urlOf(server, "http"),
    signal,
    async close() {
      closing = true;
      signal("SIGTERM");
      if (workers.size > 0) await allEnded;
      server?.closeAllConnections();
      server?.close();
    },
  };
}

async function listening(worker: Worker): Promise<string | undefined> {
  const exit = once(worker, "exit").then(() => undefined);
  const message = new Promise<string>((resolve) => {
    worker.on("message", (told: WorkerMessage) => {
      if ("listening" in told) resolve(told.listening);
    });
  });
  return Promise.race([exit, message]);
}
