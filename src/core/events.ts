import type { Verdict } from "./decide.ts";
import type { MaskedError } from "./settings/options.ts";

/**
 * What happens while requests are answered. `judged`: a server error has its verdict. `masked`: the page took an error's
 * place. `closed`: a request got the page, and the app was not asked.
 */
export type IntermissionEvent =
  | {
      readonly kind: "judged";
      readonly verdict: Verdict["verdict"];
      readonly reason: Verdict["reason"];
      /** The status that the app was about to send. */
      readonly status: number;
      /** Milliseconds that the error waited for its verdict. 0: not at all. */
      readonly waited: number;
    }
  | { readonly kind: "masked"; readonly masked: MaskedError }
  | { readonly kind: "closed" };

/** What it returns is of no account; a promise that rejects is warned of. */
export type Listener = (event: IntermissionEvent) => unknown;

/** Tells listeners what happens. */
export interface Events {
  /** Somebody listens. */
  readonly active: boolean;
  /** The returned function ends it. */
  listen(listener: Listener): () => void;
  emit(event: IntermissionEvent): void;
}
