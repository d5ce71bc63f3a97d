export { storeContract } from "./store-contract.ts";
export type { StoreContractCase, StoreContractSubject, StorePlace } from "./store-contract-subject.ts";
