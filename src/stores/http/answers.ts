import type { ReportList, StoredReport, StoreRecord } from "../../core/ports.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Undefined: not a record, or not an answer to the question. */
export function toRecord(answer: unknown, knownVersion: number | undefined): StoreRecord | undefined {
  if (!isObject(answer)) return undefined;
  const { version, value, unchanged, now } = answer;
  if (!isCount(version)) return undefined;
  const time = isTime(now) ? { now } : {};
  if (typeof value === "string" && version > 0) return { version, value, ...time };
  if (value !== undefined) return undefined;
  if (unchanged === true) {
    return version === knownVersion ? { version, unchanged, ...time } : undefined;
  }
  return version === 0 ? { version, ...time } : undefined;
}

export function toWritten(answer: unknown): boolean | undefined {
  return isObject(answer) && typeof answer["written"] === "boolean" ? answer["written"] : undefined;
}

export function toKept(answer: unknown): true | undefined {
  return isObject(answer) && answer["kept"] === true ? true : undefined;
}

export function toReports(answer: unknown): ReportList | undefined {
  if (!isObject(answer)) return undefined;
  const { now, reports } = answer;
  if (!isTime(now) || !Array.isArray(reports)) return undefined;
  return reports.every(isReport) ? { now, reports } : undefined;
}

function isReport(value: unknown): value is StoredReport {
  return (
    isObject(value) &&
    typeof value["id"] === "string" &&
    typeof value["value"] === "string" &&
    isTime(value["at"])
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
