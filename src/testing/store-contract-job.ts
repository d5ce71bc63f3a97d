/** How a process of its own opens the store: `(await import(module))[exportName](argument)`. */
export interface StoreOpening {
  /** URL of a JavaScript module. */
  readonly module: string;
  readonly exportName: string;
  readonly argument: unknown;
}

/** What a process of the contract suite is told to do, as its first message. */
export type Job =
  | {
      readonly kind: "append";
      readonly app: string;
      readonly writers: readonly string[];
      readonly times: number;
    }
  | { readonly kind: "write-first"; readonly app: string; readonly value: string }
  | { readonly kind: "migrate" }
  /** Opens, reads and watches, and then just ends; or closes the store before. */
  | { readonly kind: "end"; readonly app: string; readonly close: boolean };

/** What it says: `ready` when the store is open, then what came of the job. */
export type Report =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly won: boolean }
  | { readonly kind: "failed"; readonly reason: string };
