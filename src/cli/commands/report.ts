import { maximumReports } from "../../core/ports.ts";
import { readReports } from "../../reports/instances.ts";
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
    "An instance's counts are kept for 30 days after its last report.",
  ],
  example: "intermission report v1.1",
  positionals: ["release"],
  options: { ...storeOptions, ...jsonOption },
  async run(call) {
    const { positionals, output } = call;
    await withSession(call, async ({ intermission, store }) => {
      const { app } = intermission.settings;
      const release = positionals[0] ?? (await intermission.status()).currentRelease ?? undefined;
      const { reports } = await readReports(reportsOf(store), app);
      if (reports.length >= maximumReports) {
        output.note(`Note: only the newest ${String(maximumReports)} reports were read.`);
      }
      // Where no release is recorded, nothing was masked for one: all there is are errors of manual mode.
      const sum = sumReports(reports, { release });
      const observed = sumReports(reports, { release, observed: true });
      output.answer({
        lines: [...toLines(release, sum), ...toObservedLines(observed)],
        document: {
          app,
          release: release ?? null,
          maskedErrors: sum.masked,
          instances: sum.instances,
          firstAt: sum.firstAt === null ? null : toIsoTime(sum.firstAt),
          lastAt: sum.lastAt === null ? null : toIsoTime(sum.lastAt),
          kinds: sum.kinds.map(toKindDocument),
          ...(observed.masked === 0
            ? {}
            : { observedErrors: observed.masked, observedKinds: observed.kinds.map(toKindDocument) }),
        },
      });
    });
  },
});

/** Errors that visitors saw, of instances with MAINTENANCE_OBSERVE. */
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
  if (firstAt === null || lastAt === null) return [`No error was hidden${during}.`];
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
