import { areFormsOfOneCommit } from "../../core/release.ts";
import { systemClock } from "../../core/runtime.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { readInstances } from "../../reports/instances.ts";
import { findStrangers, nameSome, oneForm, strangersRemedy } from "../../reports/strangers.ts";
import type { Output } from "../terminal/output.ts";
import type { Session } from "./session.ts";

/** How long a verb may look for them after its work is done. Milliseconds. */
const lookWithin = 1500;

/** Warns of them after a release was recorded, which masks their errors. Never rejects. */
export async function noteStrangers({ store, intermission }: Session, output: Output): Promise<void> {
  const { reports } = store;
  if (reports === undefined) return;
  const look = Promise.all([readInstances(reports, intermission.settings.app), intermission.releases()]);
  // The release is recorded, whatever becomes of this.
  const found = await withTimeLimit(systemClock, lookWithin, look).catch(() => undefined);
  if (found === undefined) return;
  const [{ instances }, releases] = found;
  const { running, strange } = findStrangers(instances, releases);
  const twins = [...releases.slice(1).map(({ id }) => id), ...strange.map(({ release }) => release ?? "")];
  const [current] = releases;
  const twin = current && twins.find((id) => areFormsOfOneCommit(id, current.id));
  if (current !== undefined && twin !== undefined)
    output.note([
      { style: "yellow", text: "Warning:" },
      ` ${current.id} and ${twin} are one commit, but two releases: errors of instances on ${twin} are masked. ${oneForm}`,
    ]);
  // Where an instance does not know its release, nothing is masked.
  const masked = strange.filter(({ release }) => release !== null && release !== twin);
  // With the first release, no instance can be of a recorded one.
  if (masked.length === 0 || releases.length < 2) return;
  output.note([
    { style: "yellow", text: "Warning:" },
    ` ${String(masked.length)} of ${String(running.length)} running instances run a release that was never recorded here: ${nameSome(masked)}. Their errors are masked from now on. ${strangersRemedy}`,
  ]);
}
