import type { MaskedAnswer } from "./intermission.ts";
import type { MaskedError } from "./settings/options.ts";

/**
 * A masked answer, with the releases as the instance knows them. Field by field: masked errors come in storms, and a
 * spread costs more than all else that is done with one.
 */
export function toMaskedError(
  { status, method, path, reason, request, error, observed }: MaskedAnswer,
  instanceRelease: string | undefined,
  currentRelease: string | undefined,
): MaskedError {
  const told: { -readonly [Key in keyof MaskedError]: MaskedError[Key] } = {
    status,
    method,
    path,
    reason,
    request,
    instanceRelease,
    currentRelease,
  };
  if (error !== undefined) told.error = error;
  if (observed !== undefined) told.observed = observed;
  return told;
}
