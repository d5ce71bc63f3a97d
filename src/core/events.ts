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

/** @param onFailure Told what a listener threw. Must not throw. */
export function createEvents(onFailure: (error: unknown) => void): Events {
  // Made anew with each change: a listener may come or go while the others are told.
  let listeners: readonly { readonly listener: Listener }[] = [];

  return {
    get active() {
      return listeners.length > 0;
    },
    listen(listener) {
      // An object of its own, so that the same listener can be there twice.
      const entry = { listener };
      listeners = [...listeners, entry];
      return () => {
        listeners = listeners.filter((other) => other !== entry);
      };
    },
    emit(event) {
      for (const { listener } of listeners) {
        try {
          const returned: unknown = listener(event);
          // An async function is a listener too, and nobody else would handle its rejection.
          if (returned instanceof Promise) returned.catch(onFailure);
        } catch (error) {
          onFailure(error);
        }
      }
    },
  };
}
