export { createIntermission } from "./intermission.ts";
export { schemaErrors } from "./core/schema-errors.ts";
export { memoryStore } from "./stores/memory/index.ts";
export { IntermissionError, isIntermissionError, errorCodes, type ErrorCode } from "./core/errors.ts";
export type { Facts, Reason, Verdict } from "./core/decide.ts";
export type { DeployStatus } from "./core/deploy-status.ts";
export type { IntermissionEvent, Listener } from "./core/events.ts";
export type {
  GateFacts,
  GateOutcome,
  Health,
  Intermission,
  RequestFacts,
  Status,
} from "./core/intermission.ts";
export type { ManualStatus } from "./core/manual-status.ts";
export type {
  CloseDeployOptions,
  CloseDeployResult,
  CreateReleaseResult,
  OpenDeployOptions,
  OpenDeployResult,
  Operations,
  RollbackResult,
  SwitchOffResult,
  SwitchOnResult,
  WaitOption,
} from "./core/operations.ts";
export type { IntermissionOptions, MaskedError, Warning, WarningCode } from "./core/options.ts";
export type { Brand, PageFormat, PageOptions, PageView, ThemeName } from "./core/page-options.ts";
export type {
  Clock,
  Logger,
  Page,
  PageCause,
  ReportList,
  ReportStore,
  Store,
  StoredReport,
  StoreRecord,
  Visit,
} from "./core/ports.ts";
export type { Settings } from "./core/settings.ts";
export type { Change, Manual, OpenDeploy, RecordedRelease, StoredMode } from "./core/state.ts";
export type { DeployOutcome } from "./core/transitions/deploys.ts";
export type { Moment, SwitchOn } from "./core/transitions/manual.ts";
export type { RecordOutcome } from "./core/transitions/releases.ts";
