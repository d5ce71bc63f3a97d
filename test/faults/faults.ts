import type { WarningCode } from "../../src/core/settings/options.ts";

/** What an instance knew when its store failed. The third started during the failure. */
export type Knowledge = "mismatch" | "match" | "never";

/** A fault's consequences for a store. An instance that knew something always goes on with that. */
export interface Consequence {
  /**
   * Whether a store can be read for the first time now: then a mismatch is found, else errors stay regular.
   */
  readonly readable: boolean;
  /** The one warning of an instance that had read the store before. */
  readonly warns?: WarningCode;
  /** The one warning of an instance that starts meanwhile. */
  readonly warnsWhenStarted?: WarningCode;
  /** Exit codes. */
  readonly createRelease: 0 | 1;
  readonly status: 0 | 1;
  /** Earlier records are gone for good. */
  readonly forgets?: true;
}

export const unreachable: Consequence = {
  readable: false,
  warns: "store-unreachable",
  warnsWhenStarted: "store-unreachable",
  createRelease: 1,
  status: 1,
};
export const unwritable: Consequence = { readable: true, createRelease: 1, status: 0 };
export const unhindered: Consequence = { readable: true, createRelease: 0, status: 0 };
/**
 * The record is gone: no news for instances that saw it, nothing recorded for others. A write creates it
 * again.
 */
export const vanished: Consequence = {
  readable: false,
  warns: "store-unreachable",
  warnsWhenStarted: "no-current-release",
  createRelease: 0,
  status: 0,
  forgets: true,
};
export const unreadable: Consequence = {
  ...unreachable,
  warns: "state-unreadable",
  warnsWhenStarted: "state-unreadable",
};

export interface Fault {
  readonly title: string;
  readonly consequence: Consequence;
  /** Its minimum duration in milliseconds. */
  readonly lasts?: number;
}

/** Every fault that each store is put through, in the report's order. */
export const faults = {
  stopped: { title: "stopped", consequence: unreachable },
  killed: { title: "killed, then restarted", consequence: unreachable },
  paused: { title: "frozen for 10 s", consequence: unreachable, lasts: 10_000 },
  silent: { title: "accepts and never answers", consequence: unreachable },
  slow: { title: "answers after 5 s", consequence: unreachable },
  reset: { title: "cuts the connection in the middle of an answer", consequence: unreachable },
  garbage: { title: "answers nonsense", consequence: unreachable },
  refused: { title: "refuses the password", consequence: unreachable },
  crowded: { title: "has too many connections", consequence: unreachable },
  rowLocked: { title: "has its record locked", consequence: unwritable },
  tableLocked: { title: "has its table locked", consequence: unreachable },
  readOnly: { title: "is read-only", consequence: unwritable },
  full: { title: "has no room left", consequence: unwritable },
  tableMissing: { title: "has lost its table", consequence: vanished },
  replaced: { title: "failed over to an empty one", consequence: vanished },
  newer: { title: "holds a record of a newer Intermission", consequence: unhindered },
  corrupted: { title: "holds a damaged record", consequence: unreadable },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as readonly FaultName[];
