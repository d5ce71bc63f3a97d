export { createIntermission } from "./engine/create.ts";
export { schemaErrors } from "./core/schema-errors.ts";
export { memoryStore } from "./stores/memory/index.ts";
export { IntermissionError, isIntermissionError, errorCodes, type ErrorCode } from "./core/errors.ts";
export type { Facts, Reason, Verdict } from "./core/decide.ts";
export type { DeployStatus } from "./core/state/deploy-status.ts";
export type { IntermissionEvent, Listener } from "./core/events.ts";
export type {
  FailedAnswer,
  GateFacts,
  GateOutcome,
  Health,
  Intermission,
  Replacement,
  Status,
} from "./core/intermission.ts";
export type { ManualStatus } from "./core/state/manual-status.ts";
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
export type { IntermissionOptions, MaskedError, Warning, WarningCode } from "./core/settings/options.ts";
export type { Brand, PageFormat, PageOptions, PageView, ThemeName } from "./core/settings/page-options.ts";
export type {
  Clock,
  Logger,
  Page,
  PageCause,
  PageRequest,
  ReportList,
  ReportStore,
  Store,
  StoredReport,
  StoreRecord,
} from "./core/ports.ts";
export type { Settings } from "./core/settings/resolve.ts";
export type { Change, Manual, OpenDeploy, RecordedRelease, StoredMode } from "./core/state/state.ts";
export type { DeployOutcome } from "./core/state/deploys.ts";
export type { Moment, SwitchOn } from "./core/state/manual.ts";
export type { RecordOutcome } from "./core/state/releases.ts";
