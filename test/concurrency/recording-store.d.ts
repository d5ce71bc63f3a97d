import type { Store } from "../../src/core/ports.ts";

/** What a process wants to do with the releases. A rollback without an id goes to the previous one. */
export interface Transition {
  readonly verb: "create" | "rollback";
  readonly id?: string | undefined;
}

interface Answer {
  /** Of a write. Undefined: it failed. */
  readonly written?: boolean;
  /** Of a read. Undefined: it failed. */
  readonly version?: number;
  readonly value?: { readonly mark: string; readonly fingerprint: string } | undefined;
}

export type LogLine =
  | { readonly kind: "read"; readonly name: string; readonly begun: number }
  | {
      readonly kind: "write";
      readonly name: string;
      readonly begun: number;
      readonly expected: number;
      readonly transition: Transition;
      /** Part of what it writes. A write without an answer is sent again with the same mark. */
      readonly mark: string;
      readonly fingerprint: string;
    }
  | { readonly kind: "answer"; readonly name: string; readonly ended: number; readonly answer: Answer }
  | {
      readonly kind: "result";
      readonly name: string;
      readonly transition: Transition;
      readonly outcome: string;
      readonly previous: string | null;
      readonly version: number;
    }
  | { readonly kind: "defect"; readonly text: string };

export interface RecordingStore {
  readonly store: Store;
  /** The purpose of the writes that follow. */
  begin(transition: Transition): void;
  /** Records the library's answer, for the version last written or read. */
  finish(outcome: string, previous: string | null): void;
}

/** A store that records every call before it is made, and its answer before it is passed on. */
export function recordStore(
  store: Store,
  process: string,
  now: () => number,
  note: (line: LogLine) => void,
): RecordingStore;

/** Short, and different for different lists of releases. */
export function fingerprintOf(ids: readonly string[]): string;
