/** How another process opens the store: `(await import(module))[exportName](argument)`. */
export interface StoreOpening {
  /** URL of a JavaScript module. */
  readonly module: string;
  readonly exportName: string;
  readonly argument: unknown;
}

/** The first message to a process of the contract suite: what to do. */
export type Job =
  | {
      readonly kind: "append";
      readonly app: string;
      readonly writers: readonly string[];
      readonly times: number;
    }
  | { readonly kind: "write-first"; readonly app: string; readonly value: string }
  | { readonly kind: "migrate" }
  /** Opens, reads and watches, then simply ends, or closes the store first. */
  | { readonly kind: "end"; readonly app: string; readonly close: boolean };

/** Its messages: `ready` when the store is open, then the result of the job. */
export type Report =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly won: boolean }
  | { readonly kind: "failed"; readonly reason: string };
