import { maximumReports } from "../../core/ports.ts";
import { heardOf, type Heard } from "../../reports/heard.ts";
import { labelOf, readReports } from "../../reports/instances.ts";
import { isOther, type MaskedKind } from "../../reports/report.ts";
import { sumReports, type MaskedSum } from "../../reports/sum.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { reportsOf } from "../session/fleet.ts";
import type { Line, Piece } from "../terminal/output.ts";
import { withSession } from "../session/session.ts";
import { toTable } from "../terminal/table.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";

export const report = defineCommand({
  name: "report",
  summary: "Shows which errors visitors did not see while a release was current",
  details: [
    "Without a release it shows the current one. Errors are counted by status, route, and the error's name and code. Instances report them every 15 seconds, and once more when they close.",
    "It says until when it has heard from whom: an instance that was killed could not report its last 15 seconds.",
    "An instance's counts are kept for 30 days after its last report.",
  ],
  example: "intermission report v1.1",
  positionals: ["release"],
  options: { ...storeOptions, ...jsonOption },
  async run(call) {
    const { positionals, output } = call;
    await withSession(call, async ({ intermission, store }) => {
      const { app } = intermission.settings;
      const recorded = await intermission.releases();
      const release = positionals[0] ?? recorded[0]?.id;
      const { now, reports } = await readReports(reportsOf(store), app);
      if (reports.length >= maximumReports) {
        output.note(`Note: only the newest ${String(maximumReports)} reports were read.`);
      }
      // If no release is recorded, nothing was masked for one: only errors of manual mode are left.
      const sum = sumReports(reports, { release });
      const observed = sumReports(reports, { release, observed: true });
      const since = recorded.find(({ id }) => id === release)?.at ?? Number.NEGATIVE_INFINITY;
      const heard = heardOf(reports, { now, since });
      output.answer({
        lines: [...toLines(release, sum), ...toObservedLines(observed), "", ...toHeardLines(heard)],
        document: {
          app,
          release: release ?? null,
          maskedErrors: sum.masked,
          instances: sum.instances,
          firstAt: sum.firstAt === null ? null : toIsoTime(sum.firstAt),
          lastAt: sum.lastAt === null ? null : toIsoTime(sum.lastAt),
          reporting: heard.reporting.length,
          heardUntil: heard.until === null ? null : toIsoTime(heard.until),
          silent: heard.silent.map(labelOf),
          kinds: sum.kinds.map(toKindDocument),
          ...(observed.masked === 0
            ? {}
            : { observedErrors: observed.masked, observedKinds: observed.kinds.map(toKindDocument) }),
        },
      });
    });
  },
});

/** Errors that visitors saw, from instances with MAINTENANCE_OBSERVE. */
function toObservedLines({ masked, instances, kinds }: MaskedSum): readonly Line[] {
  if (masked === 0) return [];
  return [
    "",
    `${counted(masked, "error", "errors")} would have been hidden too, by ${counted(instances, "instance that only observes", "instances that only observe")}:`,
    "",
    ...toTable(columns, kinds.map(toRow)),
  ];
}

function toLines(release: string | undefined, sum: MaskedSum): readonly Line[] {
  const during = release === undefined ? "" : ` while ${release} was the current release`;
  const { masked, instances, firstAt, lastAt, kinds } = sum;
  if (firstAt === null || lastAt === null) return [`No error was reported as hidden${during}.`];
  return [
    {
      style: "bold",
      text: `${counted(masked, "error was", "errors were")} hidden${during}, by ${counted(instances, "instance", "instances")}.`,
    },
    `The first at ${toLocalTime(firstAt)}, the last at ${toLocalTime(lastAt)}.`,
    "",
    ...toTable(columns, kinds.map(toRow)),
  ];
}

/** Silence does not mean "none". */
function toHeardLines({ reporting, until, silent }: Heard): readonly Line[] {
  const heard =
    until === null
      ? "No instance reports now: what is hidden from here on is not known."
      : `Heard from ${counted(reporting.length, "instance", "instances")} until ${toLocalTime(until)}. What was hidden since comes within 15 seconds.`;
  if (silent.length === 0) return [heard];
  const names = silent.slice(0, mostNamed).map(labelOf).join(", ");
  const more = silent.length - mostNamed;
  return [
    heard,
    `Fell silent: ${names}${more > 0 ? ` and ${String(more)} more` : ""}. What ${silent.length === 1 ? "it" : "each of them"} hid in the last 15 seconds before is not known.`,
  ];
}

const mostNamed = 10;

const columns = ["Errors", "Status", "Route", "Error", "Code", "First", "Last"];

function toKindDocument({ status, route, error, code, count, firstAt, lastAt }: MaskedKind): object {
  return { status, route, error, code, count, firstAt: toIsoTime(firstAt), lastAt: toIsoTime(lastAt) };
}

function toRow(kind: MaskedKind): readonly (Piece | number)[] {
  const { count, status, route, error, code, firstAt, lastAt } = kind;
  const what = isOther(kind) ? ["other", ""] : [String(status), route ?? ""];
  return [count, ...what, error ?? "", code ?? "", toLocalTime(firstAt), toLocalTime(lastAt)];
}

function counted(count: number, one: string, several: string): string {
  return `${String(count)} ${count === 1 ? one : several}`;
}
