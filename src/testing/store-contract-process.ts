import { setTimeout as pause } from "node:timers/promises";
import type { Store } from "../core/ports.ts";
import type { Job, Report, StoreOpening } from "./store-contract-job.ts";

/** Milliseconds in which a writer must finish all its writes. */
const patience = 60_000;

async function main(): Promise<void> {
  const { module, exportName, argument } = JSON.parse(process.argv[2] ?? "") as StoreOpening;
  const exports = (await import(module)) as Readonly<Record<string, (argument: unknown) => Store>>;
  const openStore = exports[exportName];
  if (typeof openStore !== "function") throw new Error(`${module} has no function ${exportName}`);
  const store = openStore(argument);
  // All processes start together, when the last is ready.
  const started = new Promise<Job>((resolve) => process.once("message", (job) => resolve(job as Job)));
  report({ kind: "ready" });
  const job = await started;
  report({ kind: "done", won: await perform(store, job) });
  if (job.kind !== "end") await store.close();
}

async function perform(store: Store, job: Job): Promise<boolean> {
  switch (job.kind) {
    case "append":
      await Promise.all(job.writers.map((writer) => append(store, job.app, writer, job.times)));
      return true;
    case "write-first":
      return await store.write(job.app, job.value, 0);
    case "migrate":
      await store.migrate?.();
      return true;
    case "end":
      await store.write(job.app, "value", 0);
      await store.read(job.app);
      await store.watch?.(job.app, () => {});
      if (job.close) await store.close();
      return true;
  }
}

/** Appends an entry to the record's list, so many times, however often others are first. */
async function append(store: Store, app: string, writer: string, times: number): Promise<void> {
  const deadline = Date.now() + patience;
  // On a busy machine a store may be too slow and say so: that loses nothing.
  const unlessLate = (error: unknown): undefined => {
    if (Date.now() > deadline) throw error;
  };
  for (let won = 0; won < times;) {
    const record = await store.read(app).catch(unlessLate);
    if (record !== undefined) {
      const entries = JSON.parse(record.value ?? "[]") as string[];
      if (entries.length !== record.version) {
        throw new Error(
          `version ${String(record.version)} has the value of version ${String(entries.length)}`,
        );
      }
      const entry = `${writer}#${String(won)}`;
      const value = JSON.stringify([...entries, entry]);
      // A rejected write may still have been done.
      if (
        entries.includes(entry) ||
        (await store.write(app, value, record.version).catch(unlessLate)) === true
      ) {
        won++;
        continue;
      }
    }
    if (Date.now() > deadline) throw new Error(`${writer} won ${String(won)} times only`);
    await pause(Math.random() * 20);
  }
}

function report(message: Report): void {
  process.send?.(message);
}

main().catch((error: unknown) => {
  report({ kind: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
});
