import { isLongMismatch, mismatchSince } from "../../core/decide.ts";
import { show } from "../../core/errors.ts";
import { areFormsOfOneCommit } from "../../core/release.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { findStrangers, nameSome, oneForm, strangersRemedy } from "../../reports/strangers.ts";
import { counted, spanOf } from "./frame.ts";
import type { Overview } from "./overview.ts";

/** Something that is wrong, as far as the store shows it. `intermission doctor` knows the same and more. */
export interface Finding {
  readonly found: string;
  /** What to do. */
  readonly remedy: string;
}

export interface FindingFacts {
  readonly settings: Pick<Settings, "app" | "warnAfter">;
  /** As in `Store`. */
  readonly place: string | undefined;
  /** As in `StoreRecord`. */
  readonly notice: string | undefined;
  /** How far the store's clock is ahead of this machine's. Milliseconds. */
  readonly drift: number;
  /** The store's time. */
  readonly now: number;
}

/** By how much clocks may differ. Milliseconds. */
const clockTolerance = 30_000;

export function toFindings(overview: Overview, facts: FindingFacts): readonly Finding[] {
  const { app, warnAfter } = facts.settings;
  const { current, earlier, deploy, fleet } = overview;
  const findings: Finding[] = [];
  const add = (found: string, remedy: string): void => void findings.push({ found, remedy });
  const place = facts.place === undefined ? "The store" : `The store ${facts.place}`;

  if (facts.notice !== undefined)
    add(`${place}: ${facts.notice}`, "Correct MAINTENANCE_STORE, for the app and for the deploy alike.");
  if (Math.abs(facts.drift) > clockTolerance)
    add(`This machine's clock and the store's differ by ${spanOf(facts.drift)}.`, "Let NTP set both clocks.");
  if (current === undefined) {
    add(
      `${place} has no release of the app ${show(app)}, so no error gets the page.`,
      "Run intermission create-release in each deploy, and name the app by MAINTENANCE_APP.",
    );
    return findings;
  }
  if (deploy?.leaseLeft === 0)
    add(
      `The deploy of ${deploy.release}, begun by ${deploy.by ?? "somebody"}, was never closed.`,
      `If it is over, close it with its outcome: intermission deploy ${deploy.release} --fail, or deploy again.`,
    );
  if (fleet === undefined) return findings;

  const instances = fleet.groups.flatMap((group) => group.instances);
  const releases = [...earlier.toReversed(), current];
  const { running, strange } = findStrangers(instances, releases);
  const others = [...earlier.map(({ id }) => id), ...strange.map(({ release }) => release ?? "")];
  const twin = others.find((id) => areFormsOfOneCommit(id, current.id));
  if (twin !== undefined) add(`${current.id} and ${twin} are one commit, but two releases.`, oneForm);
  const foreign = strange.filter(({ release }) => twin === undefined || release !== twin);
  if (foreign.length > 0)
    add(
      `${String(foreign.length)} of ${counted(running.length, "instance", "instances")} run a release that was never recorded here: ${nameSome(foreign)}.`,
      strangersRemedy,
    );
  const known = running.filter((one) => !strange.includes(one) && one.release !== current.id);
  const since = known.flatMap(({ release, startedAt }) => {
    const began = mismatchSince({ releases }, release, startedAt);
    return began !== undefined && isLongMismatch({ warnAfter }, began, facts.now) ? [began] : [];
  });
  if (since.length > 0)
    add(
      `${counted(since.length, "instance has", "instances have")} been behind for up to ${spanOf(facts.now - Math.min(...since))}: ${nameSome(known)}. All that time their errors are hidden.`,
      "Replace or restart them with the current release, or roll back. If they are meant to run side by side, see MAINTENANCE_WARN_AFTER.",
    );
  return findings;
}
