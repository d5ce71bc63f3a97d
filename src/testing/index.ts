export { storeContract } from "./store-contract.ts";
export type { StoreContractCase, StoreContractSubject, StorePlace } from "./store-contract-subject.ts";
export { frameworkContract } from "./framework-contract.ts";
export type {
  FrameworkContractApp,
  FrameworkContractCase,
  FrameworkContractSetup,
  FrameworkContractSubject,
} from "./framework-contract-subject.ts";
export { simulateDeploy, type SimulateDeployOptions, type SimulatedDeploy } from "./simulate-deploy.ts";
