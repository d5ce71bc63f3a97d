import { markup, type Markup } from "../../page/template.ts";
import { toOutcome } from "./board.ts";
import { toChart } from "./chart.ts";
import { toSum } from "./errors.ts";
import { ago, counted, spanOf } from "./frame.ts";
import type { Replay } from "./rollouts.ts";
import type { Parts } from "./stream.ts";

const mostRows = 300;

/** The parts of a deploy's page, by the id of their section. */
export function toDeployParts(replay: Replay): Parts {
  const { rollout, hidden } = replay;
  return {
    deploy: toSummary(replay),
    errors: toErrors(replay),
    timeline: toTimeline(replay),
    hidden: markup`<h2>What was hidden</h2>${toSum(hidden, markup` while <code>${rollout.release}</code> was current`)}`,
  };
}

function toSummary({ rollout, instances, behind }: Replay): Markup {
  const { release, at, by, way, outcome, endedAt, endedBy, note, restored, until } = rollout;
  const came = instances.filter(({ what }) => what === "came").length;
  const went = instances.length - came;
  const chip = toOutcome(rollout);
  return markup`<h2>${way === "rolled-back" ? "Rollback to" : way === "deploy" ? "Deploy of" : "Release"} <code>${release}</code> ${chip}</h2>
<dl>
<dt>${way === "deploy" ? "Begun" : "Current"}</dt><dd>${ago(at)} by ${by ?? "somebody whom the history has forgotten"}</dd>
${
  endedAt === undefined
    ? outcome === "lost"
      ? markup`<dt>Ended</dt><dd>never: nobody closed it, and its lease ran out</dd>`
      : undefined
    : markup`<dt>Ended</dt><dd>${ago(endedAt)} by ${endedBy ?? "somebody"}, after ${spanOf(endedAt - at)}${note === undefined ? undefined : ` (${note})`}</dd>`
}
${restored === undefined ? undefined : markup`<dt>Restored</dt><dd><code>${restored}</code> became current again</dd>`}
<dt>Instances</dt><dd>${counted(came, "came", "came")} with it, ${counted(went, "of another release is gone", "of other releases are gone")}${behind === 0 ? undefined : markup`, ${counted(behind, "is left", "are left")}`}</dd>
${until === undefined ? undefined : markup`<dt>Followed</dt><dd>${ago(until)} by <a data-key="next" href="../${until}/">the next release</a></dd>`}
</dl>`;
}

function toErrors({ rollout, from, to, hiddenSteps, regularSteps }: Replay): Markup {
  const { at, endedAt, until } = rollout;
  const marks = [
    { at, label: "begun" },
    ...(endedAt === undefined ? [] : [{ at: endedAt, label: "ended" }]),
    ...(until === undefined ? [] : [{ at: until, label: "next release" }]),
  ];
  return markup`<h2>Errors over time</h2>${toChart({
    ...{ from, to, marks, hidden: hiddenSteps, regular: regularSteps, key: "deploy" },
    tell: (moment) => sinceBegin(moment - at),
  })}`;
}

function toTimeline({ rollout, instances, hidden }: Replay): Markup {
  const { at, by, way, release, outcome, endedAt, endedBy, note, restored, until } = rollout;
  const verb = way === "deploy" ? "Deploy begun, and" : way === "rolled-back" ? "Rolled back, and" : "";
  const rows: { readonly at: number; readonly who: string; readonly what: Markup }[] = [
    { at, who: by ?? "", what: markup`${verb} <code>${release}</code> is the current release` },
    ...instances.map((one) => ({
      at: one.at,
      who: one.name,
      what:
        one.what === "came"
          ? markup`started with <code>${one.release ?? "an unknown release"}</code>`
          : markup`${one.what === "went" ? "stopped" : "was heard of last"}, with <code>${one.release ?? "an unknown release"}</code>`,
    })),
  ];
  if (hidden.firstAt !== null && hidden.lastAt !== null && hidden.masked > 0) {
    rows.push({ at: hidden.firstAt, who: "", what: markup`First error hidden` });
    if (hidden.masked > 1) rows.push({ at: hidden.lastAt, who: "", what: markup`Last error hidden` });
  }
  if (endedAt !== undefined) {
    const why = note === undefined ? "" : ` (${note})`;
    const back = restored === undefined ? undefined : markup`; <code>${restored}</code> is current again`;
    rows.push({ at: endedAt, who: endedBy ?? "", what: markup`Deploy ${outcome ?? "ended"}${why}${back}` });
  }
  if (until !== undefined) rows.push({ at: until, who: "", what: markup`The next release` });
  rows.sort((one, other) => one.at - other.at);
  const more = rows.length - mostRows;
  return markup`<h2>What happened</h2>
<div class="scroll" data-key="timeline rows" tabindex="0" role="group" aria-label="What happened"><table><thead><tr><th class="number">Since its begin</th><th>Who</th><th>What</th></tr></thead><tbody>${rows
    .slice(0, mostRows)
    .map(
      (row) =>
        markup`<tr><td class="number">${sinceBegin(row.at - at)}</td><td>${row.who}</td><td>${row.what}</td></tr>`,
    )}</tbody></table></div>${more > 0 ? markup`<p class="quiet">And ${more} more.</p>` : undefined}
<p class="quiet">Instances that were replaced are remembered for a day; for 30 days if they hid an error.</p>`;
}

function sinceBegin(milliseconds: number): string {
  return `${milliseconds < 0 ? "−" : "+"}${spanOf(milliseconds)}`;
}
