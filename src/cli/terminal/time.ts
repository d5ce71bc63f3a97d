/** ISO 8601 in UTC, for programs. null: beyond any calendar. */
export function toIsoTime(milliseconds: number): string | null {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** ISO 8601 in local time with its offset, to the second, for people: `2026-11-22 10:15:03 +01:00`. */
export function toLocalTime(milliseconds: number): string {
  const offset = -new Date(milliseconds).getTimezoneOffset();
  const local = toIsoTime(milliseconds + offset * 60_000);
  if (local === null) return "at an unknown time";
  const sign = offset < 0 ? "-" : "+";
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, "0");
  const minutes = String(Math.abs(offset) % 60).padStart(2, "0");
  return `${local.slice(0, -5).replace("T", " ")} ${sign}${hours}:${minutes}`;
}

/** A duration for people, in its largest unit: `12 s`, `5 min`, `3 h`, `2 d`. */
export function toSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${String(seconds)} s`;
  if (seconds < 7200) return `${String(Math.floor(seconds / 60))} min`;
  if (seconds < 172_800) return `${String(Math.floor(seconds / 3600))} h`;
  return `${String(Math.floor(seconds / 86_400))} d`;
}
