import { parseDuration } from "../../core/settings/values.ts";
import type { Moment } from "../../core/state/manual.ts";
import { UsageError } from "./usage-error.ts";

const timePattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * A time as typed: a duration from now, such as `30m`, or ISO 8601 (RFC 3339) with its zone. The zone is
 * required, because the machine that runs the command is seldom where the operator is.
 *
 * @param option Its name, for messages.
 * @throws UsageError
 */
export function parseWhen(text: string | undefined, option: string): Moment | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== undefined) return { fromNow: duration };
  const [, date, minutes, seconds = "00", fraction = "0", zone] = timePattern.exec(text.trim()) ?? [];
  if (date === undefined || minutes === undefined) throw unclear(option);
  const clock = `${date}T${minutes}:${seconds}.${fraction.padEnd(3, "0")}`;
  // JavaScript would turn impossible dates into others, such as 30 February into 2 March.
  const asUtc = new Date(`${clock}Z`);
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString() !== `${clock}Z`) throw unclear(option);
  if (zone === undefined) {
    throw new UsageError(
      `The option ${option} needs a time with its zone: ${date}T${minutes}Z is in UTC, ${date}T${minutes}+02:00 two hours ahead of it. Or a duration from now, such as 30m.`,
    );
  }
  const offset = toMinutes(zone);
  if (offset === undefined) throw unclear(option);
  return asUtc.getTime() - offset * 60_000;
}

/** Minutes ahead of UTC. */
function toMinutes(zone: string): number | undefined {
  if (zone.toUpperCase() === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(":", ""));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

function unclear(option: string): UsageError {
  return new UsageError(
    `The option ${option} needs a time such as 2026-11-22T20:00+01:00 or 2026-11-22T19:00Z, or a duration from now such as 30m.`,
  );
}
