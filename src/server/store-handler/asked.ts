import { isRelease } from "../../core/release.ts";
import type { PutBody, WriteBody } from "../../stores/http/address.ts";
import { Refusal } from "./refusal.ts";

const maximumKeepFor = 30 * 86_400_000;
const maximumReportBytes = 16_384;
/** A report's id is kept in columns and keys, and printed. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

export function toApp(parameters: URLSearchParams): string {
  const app = parameters.get("app");
  if (app === null || !isRelease(app)) throw new Refusal(400, "The parameter app is not a valid app name.");
  return app;
}

export function toReportId(parameters: URLSearchParams): string {
  const id = parameters.get("id") ?? "";
  if (id === "" || id.length > 64 || unprintable.test(id))
    throw new Refusal(400, "The parameter id needs 1 to 64 characters.");
  return id;
}

/** An integer of at least 0. */
export function toCount(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw new Refusal(400, `The parameter ${name} is not a whole number.`);
  return count;
}

export function toWrite(body: unknown): WriteBody {
  const { value, expectedVersion, currentRelease } = fieldsOf(body);
  if (typeof value !== "string" || !isVersion(expectedVersion))
    throw new Refusal(400, "The body needs value (text) and expectedVersion (a whole number).");
  // It is for people who inspect the store, and is dropped if it is not a valid release.
  const isNamed = typeof currentRelease === "string" && isRelease(currentRelease);
  return { value, expectedVersion, ...(isNamed ? { currentRelease } : {}) };
}

export function toPut(body: unknown): PutBody {
  const { value, keepFor } = fieldsOf(body);
  if (typeof value !== "string" || typeof keepFor !== "number" || !(keepFor > 0 && keepFor <= maximumKeepFor))
    throw new Refusal(400, "The body needs value (text) and keepFor (milliseconds, at most 30 days).");
  if (new TextEncoder().encode(value).byteLength > maximumReportBytes)
    throw new Refusal(413, "A report is at most 16 KiB.");
  return { value, keepFor };
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null ? { ...body } : {};
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < Number.MAX_SAFE_INTEGER;
}
