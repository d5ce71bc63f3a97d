import type { LogLine, Transition } from "./recording-store.js";

/** Nanoseconds of one monotonic clock, shared by all processes of the machine. */
interface Interval {
  /** Unique: the process and a number. */
  readonly name: string;
  readonly begun: number;
  /** Infinity: no answer ever came. */
  readonly ended: number;
}

/** A compare-and-set sent to the store, once, or again if there was no answer. */
export interface Write extends Interval {
  readonly kind: "write";
  /** The version it is based on; it makes the next. */
  readonly expected: number;
  readonly transition: Transition;
  /** Unique: part of what it writes. */
  readonly mark: string;
  /** Of the releases it would leave. */
  readonly fingerprint: string;
  /**
   * `unknown`: it failed, or its process or server died. It may have been done, may be done later, or never.
   */
  readonly outcome: "written" | "refused" | "unknown";
}

/** An answered read. */
export interface Read extends Interval {
  readonly kind: "read";
  readonly version: number;
  /** Undefined: nothing is recorded. */
  readonly value: { readonly mark: string; readonly fingerprint: string } | undefined;
}

/** The library's answer to its caller. */
export interface Result {
  readonly kind: "result";
  readonly name: string;
  readonly transition: Transition;
  readonly outcome: string;
  readonly previous: string | null;
  /** The version it is based on: the one written, else the one read. */
  readonly version: number;
}

export interface History {
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
  readonly results: readonly Result[];
  /** Errors that the library does not document. */
  readonly defects: readonly string[];
}

/** Combines the processes' records. Unanswered calls become unknown writes; unanswered reads say nothing. */
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
  return { writes: joinSends(writes), reads, results, defects };
}

/** At most one send per expected version succeeds, so together they are one write. */
function joinSends(sends: readonly Write[]): Write[] {
  const writes = new Map<string, Write>();
  for (const send of sends) {
    const other = writes.get(send.mark);
    writes.set(send.mark, other === undefined ? send : join(other, send));
  }
  return [...writes.values()];
}

function join(one: Write, other: Write): Write {
  const begun = Math.min(one.begun, other.begun);
  const written = [one, other].find(({ outcome }) => outcome === "written");
  if (written !== undefined) return { ...written, name: one.name, begun };
  // The first may be why the second was refused.
  const refused = one.outcome === "refused" && other.outcome === "refused";
  return {
    ...one,
    begun,
    outcome: refused ? "refused" : "unknown",
    ended: refused ? Math.max(one.ended, other.ended) : Number.POSITIVE_INFINITY,
  };
}
