import { IntermissionError, show } from "../errors.ts";

/** A value and where it stood, so that a message can name it. */
export interface Given {
  readonly value: unknown;
  readonly name: string;
}

export function bad(given: Given, expected: string, remedy?: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: `The value of ${given.name} can't be used`,
    expected,
    got: show(given.value),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

export function toText(given: Given): string {
  if (typeof given.value !== "string") throw bad(given, "a text");
  return given.value;
}
