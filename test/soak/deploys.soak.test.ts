import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { createRandom } from "../support/random.js";
import { openBooks } from "../story/books.js";
import { createStage, type Instance, type Kind, type Stage } from "../story/stage.ts";
import { allowedKinds, type Change, type Fault, type Visit } from "./model.ts";
import { troubles } from "./store-trouble.ts";

const seconds = Number(process.env["SOAK_SECONDS"] ?? 120);
const seed = Number(process.env["SOAK_SEED"] ?? Math.floor(Math.random() * 1e6));

/** Milliseconds between two visits of one visitor. */
const paths: Readonly<Record<string, number>> = { "/bug": 40, "/working": 40, "/": 200 };

/** From this length on, memory must stay within 5 % without any allowance. Seconds. */
const long = 600;
/** Until then, V8 still grows the heap to suit the load, in steps of some MiB, whatever the code. */
const warmUp = 16 * 1024 * 1024;

interface Soak {
  readonly changes: Change[];
  readonly faults: Fault[];
  /** Visits not yet judged. */
  pending: Visit[];
  readonly count: Record<Kind | "certain" | "slow", number>;
  readonly wrong: string[];
}

const random = createRandom(seed);
const between = (least: number, most: number): number => least + random() * (most - least);
const pick = <Value>(list: readonly Value[]): Value => list[Math.floor(random() * list.length)] as Value;

/** Visits an instance again and again, as long as the soak lasts. */
async function keepVisiting(soak: Soak, instance: Instance, path: string, until: number): Promise<void> {
  while (performance.now() < until) {
    const begun = performance.now();
    const { release, kind } = await instance.visit(path);
    soak.pending.push({ release, path, kind, begun, ended: performance.now() });
    await pause(paths[path]);
  }
}

/** Deploys and rolls back. Repeats a failed command until it works, like a deploy. */
async function keepDeploying(soak: Soak, stage: Stage, until: number): Promise<void> {
  for (let made = 1; performance.now() < until; made++) {
    await pause(between(1500, 5000));
    const release = pick([`next-${String(made)}`, "v1", "v2", "v1", "v2"]);
    const verb = release.startsWith("next") ? "create-release" : "rollback";
    const begun = performance.now();
    soak.changes.push({ release, begun, returned: Number.POSITIVE_INFINITY });
    for (;;) {
      const { code, stderr } = await stage.run(undefined, verb, release);
      if (code === 0) break;
      if (code !== 1) throw new Error(`${verb} ended with ${String(code)}: ${stderr}`);
      // With a permanently stopped server it would repeat forever.
      if (performance.now() - begun > 60_000) throw new Error(`${verb} failed for a minute: ${stderr}`);
      await pause(100);
    }
    soak.changes[soak.changes.length - 1] = { release, begun, returned: performance.now() };
    judge(soak);
  }
}

async function keepTroubling(soak: Soak, server: PostgresServer, until: number): Promise<void> {
  for (;;) {
    await pause(between(4000, 10_000));
    if (performance.now() >= until) return;
    const [name, trouble] = pick(Object.entries(troubles));
    const begun = performance.now();
    soak.faults.push({ begun, ended: Number.POSITIVE_INFINITY });
    try {
      await trouble(server, between(100, 2500));
    } catch (error) {
      throw new Error(`The store could not be ${name}`, { cause: error });
    }
    soak.faults[soak.faults.length - 1] = { begun, ended: performance.now() };
  }
}

/**
 * Judges the visits so far. Call it when no command is in flight: everything they depend on must be known.
 */
function judge(soak: Soak): void {
  const { changes, faults, count, wrong } = soak;
  const visits = soak.pending;
  soak.pending = [];
  for (const visit of visits) {
    const allowed = allowedKinds({ changes, faults }, visit);
    count[visit.kind]++;
    if (allowed.size === 1) count.certain++;
    if (visit.ended - visit.begun >= 250) count.slow++;
    if (!allowed.has(visit.kind)) {
      wrong.push(`${visit.release} at ${visit.path}, ${visit.begun.toFixed(0)} ms: ${visit.kind}`);
    }
  }
}

/**
 * V8 may grow its young generation by some 32 MiB at any time. In a short run that is more than a leak would
 * be.
 */
const steadyHeap = { NODE_OPTIONS: "--max-semi-space-size=2" };

/** Resident memory of a process, in bytes. */
function residentMemory({ pid }: Instance): number {
  const [, kibibytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}

describeWithServer("a long time", { available: isPostgresAvailable(), packageName: "postgresql" }, () => {
  test(
    "of deploys, rollbacks and faults: each answer is a right one, and memory does not grow",
    async () => {
      console.log(`SOAK_SEED=${String(seed)} SOAK_SECONDS=${String(seconds)}`);
      const server = await startPostgres();
      const shared: Record<string, string> = { MAINTENANCE_STORE: server.url };
      const stage = createStage(shared);
      const soak: Soak = {
        changes: [],
        faults: [],
        pending: [],
        count: { success: 0, page: 0, raw: 0, certain: 0, slow: 0 },
        wrong: [],
      };
      try {
        shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");
        const books = openBooks(shared["LIBRARY_DATABASE"]);
        await books.create();
        // Every release here reads the column by its new name.
        await books.migrate();
        await books.close();
        for (const release of ["v2", "v1"])
          expect(await stage.run(release, "create-release")).toMatchObject({ code: 0 });
        const begun = performance.now();
        soak.changes.push({ release: "v1", begun: 0, returned: begun });
        const instances = await Promise.all(
          ["v1", "v1", "v2"].map((name) => stage.startInstance(name, steadyHeap)),
        );

        const until = performance.now() + seconds * 1000;
        const samples: { readonly moment: number; readonly memory: readonly number[] }[] = [];
        const keepSampling = async (): Promise<void> => {
          while (performance.now() < until) {
            await pause(500);
            const moment = 1 - (until - performance.now()) / (seconds * 1000);
            samples.push({ moment, memory: instances.map(residentMemory) });
          }
        };
        await Promise.all([
          ...instances.flatMap((instance) =>
            Object.keys(paths).map((path) => keepVisiting(soak, instance, path, until)),
          ),
          keepDeploying(soak, stage, until),
          keepTroubling(soak, server, until),
          keepSampling(),
        ]);
        judge(soak);

        // The lowest of a tenth of the run: anything above is uncollected garbage.
        const lowest = (from: number, to: number): number[] =>
          instances.map((_, index) =>
            Math.min(
              ...samples
                .filter(({ moment }) => moment >= from && moment < to)
                .map(({ memory }) => memory[index] ?? Number.NaN),
            ),
          );
        const [early, late] = [lowest(0.1, 0.2), lowest(0.9, 1)];
        const { count } = soak;
        const answers = count.success + count.page + count.raw;
        const inMebibytes = (sizes: readonly number[]): string =>
          sizes.map((size) => (size / 1024 / 1024).toFixed(1)).join(", ");
        console.log(
          `${String(answers)} answers (${String(count.success)} successes, ${String(count.page)} pages, ` +
            `${String(count.raw)} regular errors), ${String(soak.wrong.length)} wrong; the model left no choice for ` +
            `${((100 * count.certain) / answers).toFixed(1)} %; ${String(count.slow)} took 250 ms or longer; ` +
            `${String(soak.changes.length)} changes, ${String(soak.faults.length)} faults; memory of the instances ` +
            `${inMebibytes(early)} MiB at a tenth, ${inMebibytes(late)} MiB at the end`,
        );

        expect(soak.wrong.slice(0, 10)).toEqual([]);
        // There were enough deploys, and the model does not accept everything.
        expect(soak.changes.length).toBeGreaterThan(seconds / 15);
        expect(soak.faults.length).toBeGreaterThan(seconds / 25);
        expect(Math.min(count.success, count.page, count.raw)).toBeGreaterThan(seconds);
        expect(count.certain / answers).toBeGreaterThan(0.6);
        expect(count.slow / answers).toBeLessThan(0.01);
        for (const [index, size] of late.entries()) {
          const allowance = seconds < long ? warmUp : 0;
          expect(size).toBeLessThan((early[index] ?? 0) * 1.05 + allowance);
        }
      } finally {
        await stage.clear();
        await server.stop();
      }
    },
    seconds * 1000 + 180_000,
  );
});
