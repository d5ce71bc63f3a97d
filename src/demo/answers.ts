import { boundedMap } from "../core/bounded-map.ts";
import type { Reason, Verdict } from "../core/decide.ts";

/** `success`: sent as the app meant it, below 500. `page`: a masked error. `error`: a 5xx the visitor saw. */
export type AnswerKind = "success" | "page" | "error";

export interface Answer {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** null: no machine could answer. */
  readonly machine: string | null;
  readonly release: string | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Requested by the visitor's frame in the panel. */
  readonly visitor: boolean;
}

export interface JudgedAnswer extends Answer {
  readonly kind: AnswerKind;
  /** The reason of the error's verdict. null: a success, or not known yet. */
  readonly reason: Reason | null;
}

export type Totals = Readonly<Record<AnswerKind, number>>;

/** Combines what the switch saw with what the instances reported. */
export interface Answers {
  record(answer: Answer): void;
  /** May come before the answer is recorded: an instance reports over another channel. */
  judge(requestId: string, verdict: Verdict): void;
  /** Newest first. */
  list(): readonly JudgedAnswer[];
  totals(): Totals;
  totalsOf(machine: string): Totals;
  clear(): void;
}

const maximumKept = 50;
const maximumEarly = 100;
const none: Totals = { success: 0, page: 0, error: 0 };

export function createAnswers(): Answers {
  let answers: JudgedAnswer[] = [];
  let totals = none;
  const totalsByMachine = new Map<string, Totals>();
  let early = boundedMap<string, Verdict>(maximumEarly);

  function count(machine: string | null, kind: AnswerKind, by: number): void {
    totals = { ...totals, [kind]: totals[kind] + by };
    if (machine === null) return;
    const ofMachine = totalsByMachine.get(machine) ?? none;
    totalsByMachine.set(machine, { ...ofMachine, [kind]: ofMachine[kind] + by });
  }

  return {
    record(answer) {
      const verdict = early.get(answer.requestId);
      early.delete(answer.requestId);
      const kind = kindOf(answer, verdict);
      count(answer.machine, kind, 1);
      answers = [{ ...answer, kind, reason: verdict?.reason ?? null }, ...answers].slice(0, maximumKept);
    },
    judge(requestId, verdict) {
      const index = answers.findIndex((answer) => answer.requestId === requestId);
      const answer = answers[index];
      if (answer === undefined) {
        early.set(requestId, verdict);
        return;
      }
      const kind = kindOf(answer, verdict);
      count(answer.machine, answer.kind, -1);
      count(answer.machine, kind, 1);
      answers = answers.with(index, { ...answer, kind, reason: verdict.reason });
    },
    list: () => answers,
    totals: () => totals,
    totalsOf: (machine) => totalsByMachine.get(machine) ?? none,
    clear() {
      answers = [];
      totals = none;
      totalsByMachine.clear();
      early = boundedMap(maximumEarly);
    },
  };
}

function kindOf({ status }: Answer, verdict: Verdict | undefined): AnswerKind {
  if (verdict?.verdict === "maintenance") return "page";
  return status < 500 ? "success" : "error";
}
