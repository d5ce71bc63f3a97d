import type { Consequence, FaultName } from "./faults.ts";

/** Where one trial's record is. */
export interface Place {
  readonly url: string;
  readonly app: string;
  /** A temporary folder of the trial. */
  readonly folder: string;
}

/** How a fault is brought about on a real store. */
export interface Strike<Server> {
  /** For the report: what is done. */
  readonly how: string;
  /** What the command line says, where it fails: what happened, and what to do. */
  readonly says?: RegExp;
  /** The network between the instances and the server is what fails. */
  readonly network?: boolean;
  /** Where this store fares otherwise than most. */
  readonly consequence?: Consequence;
  /** Before anything is recorded. */
  prepare?(server: Server, place: Place): Promise<void>;
  /** Strikes. What it returns ends the fault, and is called once. */
  begin(server: Server, place: Place): Promise<() => unknown>;
  /** Puts everything back, after the instances have ended. Called whatever happened. */
  clear?(server: Server, place: Place): Promise<void>;
  /** It mounts file systems. */
  readonly needsRoot?: true;
  /** Looks at the record after the fault; throws if it is not as it should be. */
  check?(server: Server, place: Place): Promise<void>;
}

/** Why a store can't meet a fault. */
export type DoesNotApply = string;

/** A store that is put to every fault. */
export interface Subject<Server extends { stop(): Promise<void> }> {
  readonly name: string;
  /** With FAULTS=half it meets every other fault, from the first or the second on: so each fault meets some stores. */
  readonly half: 0 | 1;
  readonly available: boolean;
  readonly packageName: string;
  /** Never to be seen in a message. */
  readonly password?: string;
  start(): Promise<Server>;
  versionOf(server: Server): Promise<string>;
  /** The store's URL for a trial, by way of the network that can fail if asked for. */
  urlOf(server: Server, folder: string, network: boolean): string;
  readonly strikes: Readonly<Record<FaultName, Strike<Server> | DoesNotApply>>;
}
