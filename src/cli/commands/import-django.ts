import { systemClock } from "../../core/runtime.ts";
import { isRelease } from "../../core/release.ts";
import { currentRelease, type RecordedRelease, type State } from "../../core/state/state.ts";
import { noteChange } from "../../core/state/changes.ts";
import { importReleases } from "../../core/state/releases.ts";
import { readState, updateState } from "../../engine/state/update.ts";
import { actor } from "../session/actor.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import type { DjangoRelease } from "../session/django-releases.ts";
import type { Line } from "../terminal/output.ts";
import { noteReach, withSession } from "../session/session.ts";
import { toColumns } from "../terminal/table.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";
import { UsageError } from "../arguments/usage-error.ts";

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
    "dry-run": { summary: "Say what it would do, and change nothing" },
    ...storeOptions,
    ...jsonOption,
  },
  async run(call) {
    const { options, environment, output } = call;
    const url = (options.database ?? environment["DATABASE_URL"] ?? "").trim();
    if (url === "") throw new UsageError("Name Django's database: --database URL, or DATABASE_URL.");
    const { readDjangoReleases } = await import("../session/django-releases.ts");
    const found = await readDjangoReleases(url);
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
      const newest = usable.at(-1)?.id;
      if (newest !== undefined && newest !== current) {
        output.note(
          `Note: the newest in Django's table is ${newest}, and the current release is ${current ?? "none"}.`,
        );
      }
      if (imported.length > 0 && !dryRun) noteReach(session, output);
    });
  },
});

function isUsable({ identifier, at }: DjangoRelease): boolean {
  return isRelease(identifier) && Number.isFinite(at);
}

function importNoted(before: State, earlier: readonly RecordedRelease[], now: number): Result {
  const { state, imported } = importReleases(before, earlier);
  if (state === before) return { state, imported };
  const what = `import-django, ${String(imported.length)} releases`;
  return { state: noteChange(state, { at: now, by: actor(), what }), imported };
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
