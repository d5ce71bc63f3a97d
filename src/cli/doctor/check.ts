import { findingOf, isIntermissionError, reasonOf } from "../../core/errors.ts";

/** A result. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** One sentence, without secrets. */
  readonly found: string;
  /** What to do. null: nothing. */
  readonly remedy: string | null;
}

export function good(name: string, found: string): Check {
  return { name, ok: true, found, remedy: null };
}

export function bad(name: string, found: string, remedy: string): Check {
  return { name, ok: false, found, remedy };
}

export function failed(name: string, error: unknown, place?: string): Check {
  const known = isIntermissionError(error) ? error : undefined;
  const reason = known === undefined ? reasonOf(error) : findingOf(known);
  return bad(
    name,
    place === undefined ? reason : `${place}: ${reason}`,
    known?.remedy ?? "Correct what the message names.",
  );
}
