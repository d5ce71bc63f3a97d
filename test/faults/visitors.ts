import { setTimeout as pause } from "node:timers/promises";
import type { Instance, Kind } from "../story/stage.ts";

/** One answer to a visitor. */
export interface Answered {
  readonly path: Path;
  readonly kind: Kind;
  /** By `performance.now()`. */
  readonly at: number;
  readonly milliseconds: number;
}

/** A broken view, and one that works. */
export type Path = "/bug" | "/working";

/** Two visitors who keep coming, one to each view of an instance. */
export interface Visitors {
  readonly answers: readonly Answered[];
  /** Unexpected answers: a broken connection, or anything unknown. */
  readonly failures: readonly string[];
  /** One view's answers to requests of a period. */
  during(path: Path, from: number, to: number): readonly Answered[];
  stop(): Promise<void>;
}

/** Milliseconds between two visits. More traffic would measure the machine, not the waiting. */
const pace = 40;

export function startVisitors(instance: Instance): Visitors {
  const answers: Answered[] = [];
  const failures: string[] = [];
  const visiting = { on: true };

  async function comeAgain(path: Path): Promise<void> {
    while (visiting.on) {
      const at = performance.now();
      try {
        const { kind, milliseconds } = await instance.visit(path);
        answers.push({ path, kind, at, milliseconds });
      } catch (error) {
        failures.push(`${path}: ${String(error)}`);
      }
      await pause(Math.max(0, at + pace - performance.now()));
    }
  }

  const done = Promise.all([comeAgain("/bug"), comeAgain("/working")]);
  return {
    answers,
    failures,
    during: (path, from, to) =>
      answers.filter((answer) => answer.path === path && answer.at >= from && answer.at < to),
    async stop() {
      visiting.on = false;
      await done;
    },
  };
}

/** How long answers took, in milliseconds. */
export interface Waits {
  readonly median: number;
  readonly p95: number;
  readonly slowest: number;
}

export function waitsOf(answers: readonly Answered[]): Waits {
  const sorted = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { median: at(0.5), p95: at(0.95), slowest: sorted.at(-1) ?? 0 };
}
