import type { FaultName, Knowledge } from "./faults.ts";
import type { Waits } from "./visitors.ts";

/** What one instance did while its store failed. */
export interface Cell {
  /** What its errors became: `page`, `raw`, or both, which is wrong. */
  readonly shown: readonly string[];
  /** Codes, in order. */
  readonly warnings: readonly string[];
  /** Milliseconds of the first errors after the fault, and of the successes beside them. */
  readonly first: { readonly error: number; readonly success: number };
  /** Later, when the store is known to fail. */
  readonly steady: { readonly error: Waits; readonly success: Waits };
  /** Milliseconds from the fault's end until it acted on a release recorded after it. */
  readonly knownAfter: number;
  readonly sockets: { readonly before: number; readonly during: number; readonly after: number };
  /** MB. */
  readonly memory: { readonly before: number; readonly after: number };
}

export interface CommandOutcome {
  readonly exitCode: number;
  /** Milliseconds. */
  readonly took: number;
  /** Its stderr. */
  readonly line: string;
}

/** The result of one fault on one store. */
export interface Outcome {
  readonly fault: FaultName;
  readonly how: string;
  readonly cells: Readonly<Record<Knowledge, Cell>>;
  readonly createRelease: CommandOutcome;
  readonly status: CommandOutcome;
  /** The violations, a sentence each. */
  readonly problems: readonly string[];
}

/** The results of all faults on a store. */
export interface StoreOutcomes {
  readonly store: string;
  readonly version: string;
  readonly outcomes: readonly Outcome[];
  readonly doesNotApply: Readonly<Partial<Record<FaultName, string>>>;
}
