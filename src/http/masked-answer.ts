import type { MaskedAnswer } from "../core/intermission.ts";

/**
 * With the details that there are. Set one by one, since a spread makes of each answer an object that is slow to read,
 * and masked errors come in storms.
 */
export function withDetails(
  answer: Omit<MaskedAnswer, "error" | "observed">,
  error: unknown,
  observed: true | undefined,
): MaskedAnswer {
  const detailed: { -readonly [Key in keyof MaskedAnswer]: MaskedAnswer[Key] } = answer;
  if (error !== undefined) detailed.error = error;
  if (observed !== undefined) detailed.observed = observed;
  return detailed;
}
