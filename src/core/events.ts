import { isServerError, type Facts, type Verdict } from "./decide.ts";
import type { MaskedError } from "./settings/options.ts";
import type { Clock } from "./ports.ts";

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

/** Tells listeners what happens. While there are none, each of its ways costs a comparison. */
export interface Events {
  /** The returned function ends it. */
  listen(listener: Listener): () => void;
  emit(event: IntermissionEvent): void;
  /** The same function, whose verdicts on server errors are told. */
  tellVerdicts<Given extends Facts>(judge: (facts: Given) => Late<Verdict>): typeof judge;
  /** The same function, whose closed requests are told. */
  tellClosed<Given, Outcome>(gate: (facts: Given) => Late<Outcome>): typeof gate;
}

type Late<Value> = Value | Promise<Value>;

/** @param onFailure Told what a listener threw. Must not throw. */
export function createEvents(clock: Clock, onFailure: (error: unknown) => void): Events {
  // Made anew with each change: a listener may come or go while the others are told.
  let listeners: readonly { readonly listener: Listener }[] = [];

  function emit(event: IntermissionEvent): void {
    for (const { listener } of listeners) {
      try {
        const returned: unknown = listener(event);
        // An async function is a listener too, and its rejection would be nobody's.
        if (returned instanceof Promise) returned.catch(onFailure);
      } catch (error) {
        onFailure(error);
      }
    }
  }

  function tellVerdict<Known extends Verdict>(known: Known, status: number, waited: number): Known {
    emit({ kind: "judged", verdict: known.verdict, reason: known.reason, status, waited });
    return known;
  }

  function tellOutcome<Outcome>(known: Outcome): Outcome {
    if (known === "closed") emit({ kind: "closed" });
    return known;
  }

  return {
    listen(listener) {
      // An object of its own, so that the same listener can be there twice.
      const own = { listener };
      listeners = [...listeners, own];
      return () => {
        listeners = listeners.filter((other) => other !== own);
      };
    },
    emit,
    tellVerdicts: (judge) => (facts) => {
      if (listeners.length === 0 || !isServerError(facts.status)) return judge(facts);
      const begun = clock.now();
      const verdict = judge(facts);
      if (!(verdict instanceof Promise)) return tellVerdict(verdict, facts.status, 0);
      return verdict.then((known) => tellVerdict(known, facts.status, clock.now() - begun));
    },
    tellClosed: (gate) => (facts) => {
      if (listeners.length === 0) return gate(facts);
      const outcome = gate(facts);
      return outcome instanceof Promise ? outcome.then(tellOutcome) : tellOutcome(outcome);
    },
  };
}
