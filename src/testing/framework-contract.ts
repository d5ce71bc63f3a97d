import { casesOfClosedSite } from "./framework-contract-closed.ts";
import { casesOfConnections } from "./framework-contract-connections.ts";
import { casesOfErrors } from "./framework-contract-errors.ts";
import type { FrameworkContractCase, FrameworkContractSubject } from "./framework-contract-subject.ts";

/**
 * What every adapter must do, as a list of cases for any test runner:
 *
 * ```ts
 * for (const { name, run } of frameworkContract(subject)) test(name, run);
 * ```
 *
 * The subject starts one app, which {@link FrameworkContractSubject.start} describes, with the adapter and
 * without it.
 */
export function frameworkContract(subject: FrameworkContractSubject): readonly FrameworkContractCase[] {
  return [...casesOfErrors(subject), ...casesOfClosedSite(subject), ...casesOfConnections(subject)];
}
