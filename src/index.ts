export { createIntermission } from "./intermission.ts";
export { memoryStore } from "./stores/memory/index.ts";
export { IntermissionError, isIntermissionError, errorCodes, type ErrorCode } from "./core/errors.ts";
export type { Facts, Reason, Verdict } from "./core/decide.ts";
export type { CreateReleaseResult, Intermission, RollbackResult, Status } from "./core/intermission.ts";
export type { IntermissionOptions, MaskedError, PageView, Warning, WarningCode } from "./core/options.ts";
export type { Clock, Logger, Page, Store, StoreRecord, Visit } from "./core/ports.ts";
export type { Settings } from "./core/settings.ts";
export type { RecordedRelease, RecordOutcome, StoredMode } from "./core/state.ts";
