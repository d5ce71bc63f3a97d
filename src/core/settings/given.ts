import { IntermissionError, show } from "../errors.ts";

/** A value and where it stood, so that a message can name it. */
export interface Given {
  readonly value: unknown;
  readonly name: string;
  /** What holds without it, in words. */
  readonly otherwise?: string | undefined;
}

export function bad(given: Given, expected: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: `The value of ${given.name} can't be used`,
    expected,
    got: show(given.value),
    ...(given.otherwise === undefined ? {} : { remedy: `Leave it out for ${given.otherwise}.` }),
  });
}

export function toText(given: Given): string {
  if (typeof given.value !== "string") throw bad(given, "a text");
  return given.value;
}
