import type { Verdict } from "./decide.ts";
import type { MaskedError } from "./settings/options.ts";

/**
 * What happens while requests are answered. `judged`: a server error got its verdict. `masked`: the page
 * replaced an error. `closed`: a request got the page without reaching the app.
 */
export type IntermissionEvent =
  | {
      readonly kind: "judged";
      readonly verdict: Verdict["verdict"];
      readonly reason: Verdict["reason"];
      /** The status the app was about to send. */
      readonly status: number;
      /** Milliseconds the error waited for its verdict. 0: not at all. */
      readonly waited: number;
    }
  | { readonly kind: "masked"; readonly masked: MaskedError }
  | { readonly kind: "closed" };

/** Its result is ignored; a rejected promise becomes a warning. */
export type Listener = (event: IntermissionEvent) => unknown;

export interface Events {
  /** Whether anybody listens. */
  readonly active: boolean;
  /** The returned function stops it. */
  listen(listener: Listener): () => void;
  emit(event: IntermissionEvent): void;
}
