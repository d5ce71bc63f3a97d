import type { LogLine, Transition } from "./recording-store.js";

/** Times are nanoseconds of one monotonic clock, which all processes of the machine share. */
interface Interval {
  /** Unique: the process and a number. A written value carries the name of its write. */
  readonly name: string;
  readonly begun: number;
  /** Infinity: no answer ever came. */
  readonly ended: number;
}

/** A compare-and-set that was asked of the store. */
export interface Write extends Interval {
  readonly kind: "write";
  /** The version on which it was prepared: it makes the next. */
  readonly expected: number;
  readonly transition: Transition;
  /** Of the releases that it would leave. */
  readonly fingerprint: string;
  /** `unknown`: it failed, or its process or server died. It may have been done, may be done later, or never. */
  readonly outcome: "written" | "refused" | "unknown";
}

/** A read that was answered. */
export interface Read extends Interval {
  readonly kind: "read";
  readonly version: number;
  /** Undefined where nothing is recorded. */
  readonly value: { readonly writer: string; readonly fingerprint: string } | undefined;
}

/** What the library told its caller. */
export interface Result {
  readonly kind: "result";
  readonly name: string;
  readonly transition: Transition;
  readonly outcome: string;
  readonly previous: string | null;
  /** The version on which it is based: the one written, else the one read. */
  readonly version: number;
}

export interface History {
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
  readonly results: readonly Result[];
  /** Errors that the library does not promise. */
  readonly defects: readonly string[];
}

/** Puts what the processes noted together. Calls that were not answered become unknown writes; such reads say nothing. */
export function toHistory(lines: readonly LogLine[]): History {
  const answers = new Map(
    lines.flatMap((line) => (line.kind === "answer" ? [[line.name, line] as const] : [])),
  );
  const writes: Write[] = [];
  const reads: Read[] = [];
  const results: Result[] = [];
  const defects: string[] = [];
  for (const line of lines) {
    switch (line.kind) {
      case "write": {
        const { answer, ended = Number.POSITIVE_INFINITY } = answers.get(line.name) ?? {};
        const outcome = answer?.written === undefined ? "unknown" : answer.written ? "written" : "refused";
        writes.push({ ...line, ended, outcome });
        break;
      }
      case "read": {
        const { answer, ended } = answers.get(line.name) ?? {};
        if (answer?.version === undefined || ended === undefined) break;
        reads.push({ ...line, ended, version: answer.version, value: answer.value });
        break;
      }
      case "result":
        results.push(line);
        break;
      case "defect":
        defects.push(line.text);
        break;
      case "answer":
        break;
    }
  }
  return { writes, reads, results, defects };
}
