import { parseDuration } from "../../core/settings/values.ts";
import { settingsTable } from "../../core/settings/table.ts";
import type { CommandOptions, OptionValues } from "./command.ts";
import { UsageError } from "./usage-error.ts";

/** For verbs that return once every instance knows the change. */
export const waitOptions = {
  wait: {
    value: "DURATION",
    summary: "How long to wait, such as 2s, for instances with a longer freshFor (else 1s)",
  },
  "no-wait": { summary: "Return at once; instances learn of it within a second" },
} as const satisfies CommandOptions;

const maximum = 3_600_000;
const freshFor = settingsTable.freshFor.fallback;

/** In the form `createRelease` and `rollback` take. */
export function toWait(options: OptionValues<typeof waitOptions>): boolean | number {
  const { wait, "no-wait": noWait } = options;
  if (wait === undefined) return !noWait;
  if (noWait) throw new UsageError("--wait and --no-wait can't be used together.");
  const milliseconds = parseDuration(wait);
  if (milliseconds === undefined || milliseconds > maximum) {
    throw new UsageError("The option --wait needs a duration such as 500ms, 2s or 1m, at most 1h.");
  }
  return milliseconds;
}

/** The same in milliseconds, for a caller that waits itself. */
export function toWaitTime(wait: boolean | number): number {
  if (typeof wait === "number") return wait;
  return wait ? freshFor : 0;
}

/** When the change applies everywhere, as the start of a sentence. */
export function fromWhen(wait: boolean | number): string {
  const waited = typeof wait === "number" ? wait >= freshFor : wait;
  return waited ? "From now on" : "Within a second";
}
