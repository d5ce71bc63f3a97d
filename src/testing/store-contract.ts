import { casesOfOneHandle } from "./store-contract-handle.ts";
import { casesOfManyProcesses } from "./store-contract-processes.ts";
import { casesOfPush } from "./store-contract-push.ts";
import { casesOfReports } from "./store-contract-reports.ts";
import type { StoreContractCase, StoreContractSubject } from "./store-contract-subject.ts";

/**
 * What every store must do, as a list of cases for any test runner:
 *
 * ```ts
 * const subject: StoreContractSubject = {
 *   createPlace() {
 *     const path = join(mkdtempSync(join(tmpdir(), "store-")), "state.db");
 *     return { open: () => myStore(path), argument: path };
 *   },
 *   otherProcess: { module: new URL("./my-store.js", import.meta.url), exportName: "myStore" },
 *   push: false,
 * };
 * for (const { name, run } of storeContract(subject)) test(name, run);
 * ```
 */
export function storeContract(subject: StoreContractSubject): readonly StoreContractCase[] {
  return [
    ...casesOfOneHandle(subject),
    ...casesOfPush(subject),
    ...casesOfReports(subject),
    ...casesOfManyProcesses(subject),
  ];
}
