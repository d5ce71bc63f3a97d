import type { Store } from "../../src/core/ports.ts";

/** A store as teams run it, and the way in which an app is told of it. */
export interface Cell {
  readonly place: string;
  readonly given: string;
  open(): Opened | Promise<Opened>;
}

export interface Opened {
  /** What the instance gets. */
  readonly store: Store | string;
  /** The URL that the deploy gets. */
  readonly deploy: string;
  /** Happens between the two releases. */
  readonly meanwhile?: () => Promise<void>;
  /** A query of the app in the same place. Rejects if the app could tell that we are there. */
  readonly ask?: () => Promise<void>;
  close?(): Promise<void>;
}

/** The cells of one kind of server. */
export interface Group {
  readonly title: string;
  readonly server: { readonly available: boolean; readonly packageName: string };
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly cells: readonly Cell[];
}
