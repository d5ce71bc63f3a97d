import type { Consequence, FaultName } from "./faults.ts";

/** The place of one trial's record. */
export interface Place {
  readonly url: string;
  readonly app: string;
  /** A temporary folder for the trial. */
  readonly folder: string;
}

/** How a fault is caused on a real store. */
export interface Strike<Server> {
  /** For the report: what is done. */
  readonly how: string;
  /** What a failing command says: what happened, and what to do. */
  readonly says?: RegExp;
  /** The network between the instances and the server is what fails. */
  readonly network?: boolean;
  /** If this store behaves differently from most. */
  readonly consequence?: Consequence;
  /** Before anything is recorded. */
  prepare?(server: Server, place: Place): Promise<void>;
  /** Strikes. Returns a function that ends the fault, called once. */
  begin(server: Server, place: Place): Promise<() => unknown>;
  /** Restores everything after the instances have ended. Always called. */
  clear?(server: Server, place: Place): Promise<void>;
  /** It mounts file systems. */
  readonly needsRoot?: true;
  /** Checks the record after the fault; throws if it is wrong. */
  check?(server: Server, place: Place): Promise<void>;
}

/** Why a store can't have a fault. */
export type DoesNotApply = string;

/** A store to put through every fault. */
export interface Subject<Server extends { stop(): Promise<void> }> {
  readonly name: string;
  /**
   * With FAULTS=some it meets every fourth fault, beginning with this one: each fault meets one of four stores.
   */
  readonly first: number;
  /** With FAULTS=some, every eighth instead of every fourth. */
  readonly few?: true;
  readonly available: boolean;
  readonly packageName: string;
  /** Must never appear in a message. */
  readonly password?: string;
  start(): Promise<Server>;
  versionOf(server: Server): Promise<string>;
  /** The store's URL for a trial, through the fallible network if asked for. */
  urlOf(server: Server, folder: string, network: boolean): string;
  readonly strikes: Readonly<Record<FaultName, Strike<Server> | DoesNotApply>>;
}
