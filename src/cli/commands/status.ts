import type { Reason } from "../../core/decide.ts";
import type { DeployStatus } from "../../core/state/deploy-status.ts";
import type { Status } from "../../core/intermission.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { readFleet } from "../session/fleet.ts";
import { describeMismatch, readMismatch, toMismatchDocument, type Mismatch } from "../session/mismatch.ts";
import { manualRows, toManualDocument } from "../session/manual.ts";
import type { Line, Piece } from "../terminal/output.ts";
import { noteConfinement } from "../session/reach.ts";
import { placeOf, withSession, type Session } from "../session/session.ts";
import { suggest } from "../arguments/suggestion.ts";
import { toPairs } from "../terminal/table.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";

export const status = defineCommand({
  name: "status",
  summary: "Shows what a server error on this machine would become, and why",
  details: ["It reads this machine's release from its environment, as an instance started here would."],
  example: "intermission status --json",
  positionals: [],
  options: { ...storeOptions, ...jsonOption },
  async run(call) {
    await withSession(call, async (session) => {
      const [shown, mismatch] = await Promise.all([session.intermission.status(), findMismatch(session)]);
      const { manual, deploy, ...contract } = shown;
      const recordOne = suggest(call, "create-release");
      const goBack = suggest(call, "rollback");
      call.output.answer({
        lines: toLines({ ...shown, mismatch }, session, { recordOne, goBack }),
        document: {
          ...contract,
          ...(manual === undefined ? {} : { manual: toManualDocument(manual) }),
          ...(deploy === undefined ? {} : { deploy: toDeployDocument(deploy) }),
          ...(mismatch === undefined ? {} : { mismatch: toMismatchDocument(mismatch) }),
        },
      });
      noteConfinement(session, call);
    });
  },
});

/** undefined: every live instance runs the current release, or nothing is known about them. */
async function findMismatch(session: Session): Promise<Mismatch | undefined> {
  const { store, intermission } = session;
  try {
    return await readMismatch({ store, settings: intermission.settings, ...(await readFleet(session)) });
  } catch {
    // No reports, or no store: if it is the store, the status itself says so.
    return undefined;
  }
}

/** For programs: times in ISO 8601, the rest in seconds. */
function toDeployDocument({ release, by, openedAt, leaseUntil, leaseLeft }: DeployStatus): object {
  return {
    release,
    by,
    openedAt: toIsoTime(openedAt),
    leaseUntil: toIsoTime(leaseUntil),
    leaseLeft: leaseLeft / 1000,
    lost: leaseLeft === 0,
  };
}

function toDeployText({ release, by, openedAt, leaseUntil, leaseLeft }: DeployStatus): string {
  const opening = `${release}, opened by ${by ?? "someone"} at ${toLocalTime(openedAt)}`;
  return leaseLeft === 0
    ? `${opening}: lost, since it was never closed and its lease ran out at ${toLocalTime(leaseUntil)}`
    : `${opening}, lease ends in ${String(Math.ceil(leaseLeft / 1000))} s unless it is renewed`;
}

function toBehind(mismatch: Mismatch): Piece {
  const { behind, isLong } = mismatch;
  const text = `${behind.length === 1 ? "1 instance" : `${String(behind.length)} instances`} ${describeMismatch(mismatch)}`;
  return isLong ? { style: "yellow", text: `${text}: longer than MAINTENANCE_WARN_AFTER` } : text;
}

interface Suggestions {
  readonly recordOne: string;
  readonly goBack: string;
}

function toLines(
  shown: Status & { readonly mismatch: Mismatch | undefined },
  session: Session,
  suggestions: Suggestions,
): readonly Line[] {
  const { intermission, storeSource } = session;
  const { release } = intermission.settings;
  const { verdict, observed, mismatch } = shown;
  const outcome = verdict === "maintenance" ? "becomes the maintenance page" : "stays the regular error";
  const observing = observed === true ? ", and is counted: this machine only observes" : "";
  const rows: readonly (readonly [string, Piece])[] = [
    ["App", shown.app],
    ["Store", `${placeOf(session)} (${storeSource ?? "by default"})`],
    ["This machine", release === undefined ? "unknown" : `${release.id} (${release.source})`],
    ["Current release", shown.currentRelease ?? "none"],
    ["Mode", shown.mode],
    ...(shown.deploy === undefined ? [] : [["Deploy", toDeployText(shown.deploy)] as const]),
    ...(shown.manual === undefined ? [] : manualRows(shown.manual)),
    ...(mismatch === undefined ? [] : [["Behind", toBehind(mismatch)] as const]),
    ["A server error", { style: verdict === "maintenance" ? "yellow" : "green", text: outcome + observing }],
  ];
  return [...toPairs(rows), "", explain(shown, intermission.settings.releaseVariable, suggestions)];
}

function explain(shown: Status, releaseVariable: string, { recordOne, goBack }: Suggestions): string {
  const instance = shown.instanceRelease ?? "an unknown release";
  const current = shown.currentRelease ?? "none";
  const sentences = {
    exempt: "This answer is never replaced.",
    manual:
      shown.mode === "closed"
        ? "The site is closed: every request gets the page, and the app is not asked."
        : "Manual mode is on, so every server error becomes the page.",
    "no-instance-release": `This machine's release is unknown, so there is nothing to compare. Set ${releaseVariable} to the version that is deployed.`,
    "no-current-release": `No release is recorded for this app, so there is nothing to compare. Have the deploy run: ${recordOne}`,
    "store-unknown": "The store could not be read.",
    "release-mismatch": `This machine runs ${instance}, and the current release is ${current}: a deploy is under way.`,
    "deploy-open": "A deploy is open, so errors of every instance become the page.",
    "window-passed": `This machine runs ${instance}, and the current release is ${current}, for longer than MAINTENANCE_MAX_WINDOW allows. Finish the deploy, or run: ${goBack}`,
    "not-masked": "The option mask leaves this error as it is.",
    "release-match": `This machine runs the current release, ${current}: no deploy is under way.`,
  } satisfies Record<Reason, string>;
  return sentences[shown.reason];
}
