import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, show } from "../../core/errors.ts";
import { isRelease } from "../../core/release.ts";
import { currentRelease, type RecordedRelease, type State } from "../../core/state/state.ts";
import { noteChange } from "../../core/state/changes.ts";
import { importReleases } from "../../core/state/releases.ts";
import { readState, updateState } from "../../engine/state/update.ts";
import { actor } from "../session/actor.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import type { DjangoRelease } from "../session/django-releases.ts";
import type { Line } from "../terminal/output.ts";
import { noteReach } from "../session/reach.ts";
import { withSession } from "../session/session.ts";
import { toColumns } from "../terminal/table.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";
import { UsageError } from "../arguments/usage-error.ts";

/** Milliseconds that another machine's clock may be ahead. */
const clockTolerance = 5 * 60_000;

/** The result of an import or a dry run. */
interface Result {
  readonly state: State;
  readonly imported: readonly RecordedRelease[];
}

export const importDjango = defineCommand({
  name: "import-django",
  summary: "Imports the releases of django-maintenance-page",
  details: [
    "It reads the table django_maintenance_page_release, and changes nothing there.",
    "Where no release is recorded here yet, the newest one of the table becomes the current one. Otherwise its releases go before the recorded ones, so that rollback knows them, and the current one stays.",
    "Safe to repeat: what is recorded already stays as it is.",
  ],
  example: "intermission import-django --database postgres://shop@db/shop",
  positionals: [],
  options: {
    database: { value: "URL", summary: "Django's database (else DATABASE_URL)" },
    "time-zone": {
      value: "ZONE",
      summary: "Django's TIME_ZONE, if it runs with USE_TZ = False (default: UTC)",
    },
    "dry-run": { summary: "Say what it would do, and change nothing" },
    ...storeOptions,
    ...jsonOption,
  },
  async run(call) {
    const { options, environment, output } = call;
    const url = (options.database ?? environment["DATABASE_URL"] ?? "").trim();
    if (url === "") throw new UsageError("Name Django's database: --database URL, or DATABASE_URL.");
    const zone = options["time-zone"];
    if (zone !== undefined && !isTimeZone(zone)) {
      throw new UsageError(`Expected a time zone such as Asia/Tokyo, got ${show(zone)}.`);
    }
    const { readDjangoReleases } = await import("../session/django-releases.ts");
    const found = await readDjangoReleases(url, zone);
    if (zone === undefined) refuseFuture(found);
    const usable = found.filter(isUsable).map(({ identifier, at }) => ({ id: identifier, at }));
    const dryRun = options["dry-run"];
    await withSession(call, async (session) => {
      const { app } = session.intermission.settings;
      const subject = { store: session.store, app, clock: systemClock };
      const { state, imported } = dryRun
        ? importReleases((await readState(subject)).state, usable)
        : (await updateState(subject, (before, now) => importNoted(before, usable, now))).result;
      const current = currentRelease(state)?.id ?? null;
      output.answer({
        lines: toLines(imported, found.length, current, dryRun),
        document: {
          app,
          outcome: imported.length === 0 ? "nothing-new" : dryRun ? "would-import" : "imported",
          found: found.length,
          imported: imported.toReversed().map(({ id, at }) => ({ id, at: toIsoTime(at) })),
          currentRelease: current,
        },
      });
      if (usable.length < found.length) {
        const number = String(found.length - usable.length);
        output.note(`Left out: ${number} whose identifier or time can't be used here.`);
      }
      const oldest = Math.min(...state.releases.slice(imported.length).map(({ at }) => at));
      const known = new Set(state.releases.map(({ id }) => id));
      const later = usable.filter(({ id, at }) => at >= oldest && !known.has(id)).map(({ id }) => id);
      if (later.length > 0) {
        output.note(
          `Left out: ${later.slice(-5).join(", ")}, recorded in Django after the first release here. If Django runs with USE_TZ = False, name its TIME_ZONE with --time-zone.`,
        );
      }
      const newest = usable.at(-1)?.id;
      if (newest !== undefined && newest !== current) {
        output.note(
          `Note: the newest in Django's table is ${newest}, and the current release is ${current ?? "none"}.`,
        );
      }
      if (imported.length > 0 && !dryRun) noteReach(session, call);
    });
  },
});

/** Read as UTC, the clock of a place east of Greenwich is ahead. */
function refuseFuture(found: readonly DjangoRelease[]): void {
  const newest = found.at(-1);
  if (newest === undefined || !(newest.at > systemClock.now() + clockTolerance)) return;
  throw new IntermissionError("store-failed", {
    problem: `The newest release in Django's table, ${show(newest.identifier)}, is from the future`,
    expected: "times in UTC",
    got: toIsoTime(newest.at) ?? "none",
    remedy:
      "If Django runs with USE_TZ = False, name its TIME_ZONE: --time-zone Asia/Tokyo. If its clock was wrong: --time-zone UTC.",
  });
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function isUsable({ identifier, at }: DjangoRelease): boolean {
  return isRelease(identifier) && Number.isFinite(at);
}

function importNoted(before: State, earlier: readonly RecordedRelease[], now: number): Result {
  const { state, imported } = importReleases(before, earlier);
  if (state === before) return { state, imported };
  const deed = { kind: "releases-imported", count: imported.length } as const;
  return { state: noteChange(state, { at: now, by: actor(), deed }), imported };
}

function toLines(
  imported: readonly RecordedRelease[],
  found: number,
  current: string | null,
  dryRun: boolean,
): readonly Line[] {
  if (found === 0) return ["Django's table has no releases. Nothing was changed."];
  if (imported.length === 0) return ["There is nothing to import. Nothing was changed."];
  const done = dryRun ? "Would carry over" : "Carried over";
  return [
    { style: "green", text: `${done} ${String(imported.length)} of ${String(found)} releases:` },
    ...toColumns(imported.toReversed().map(({ id, at }) => [id, toLocalTime(at)])),
    `The current release ${dryRun ? "would be" : "is"} ${current ?? "none"}.`,
  ];
}
