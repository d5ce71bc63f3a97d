import { markup, type Markup } from "../../page/template.ts";
import { isOther, type MaskedKind } from "../../reports/report.ts";
import type { MaskedSum } from "../../reports/sum.ts";
import { toChart } from "./chart.ts";
import { ago, counted, spanOf } from "./frame.ts";
import type { Overview } from "./overview.ts";

/** Nobody would read more. */
const mostKinds = 20;

/** A line over the last hour, with the deploys marked. */
export function toLastHour({ fleet, hour, rollouts }: Overview): Markup {
  const title = markup`<h2>Errors in the last hour</h2>`;
  if (fleet === undefined || hour === undefined)
    return markup`${title}<p class="quiet">Not known: this store keeps no reports, or they can't be read.</p>`;
  return markup`${title}${toChart({
    ...hour,
    marks: rollouts.map(({ at, release }) => ({ at, label: release })).toReversed(),
    tell: (at) => (at >= hour.to ? "now" : `${spanOf(hour.to - at)} ago`),
    key: "hour",
  })}`;
}

export function toHidden({ fleet, current }: Overview): Markup {
  const title = markup`<h2>Errors that visitors did not see</h2>`;
  if (fleet === undefined)
    return markup`${title}<p class="quiet">Not known: this store keeps no reports.</p>`;
  const { hidden, observed } = fleet;
  const during = current === undefined ? undefined : markup` while <code>${current.id}</code> was current`;
  return markup`${title}${toSum(hidden, during)}${
    observed.masked === 0
      ? undefined
      : toSum(observed, during, ["would have been hidden", "would have been hidden"])
  }`;
}

/** How many errors of which kinds. */
export function toSum(
  sum: MaskedSum,
  during: Markup | undefined,
  [one, several]: readonly [string, string] = ["was hidden", "were hidden"],
): Markup {
  if (sum.firstAt === null || sum.lastAt === null)
    return markup`<p class="quiet">None was reported${during}. Instances report every 15 seconds.</p>`;
  const more = sum.kinds.length - mostKinds;
  return markup`<p>${counted(sum.masked, "error", "errors")} ${sum.masked === 1 ? one : several}${during}, by ${counted(sum.instances, "instance", "instances")}: the first ${ago(sum.firstAt)}, the last ${ago(sum.lastAt)}.</p>
<div class="scroll" data-key="kinds rows" tabindex="0" role="group" aria-label="Kinds of errors"><table><thead><tr><th class="number">Errors</th><th>Status</th><th>Route</th><th>Cause</th><th>Last</th></tr></thead><tbody>${sum.kinds
    .slice(0, mostKinds)
    .map(
      toKind,
    )}</tbody></table></div>${more > 0 ? markup`<p class="quiet">And ${more} more kinds: <code>intermission report</code> lists them.</p>` : undefined}`;
}

function toKind(kind: MaskedKind): Markup {
  const { count, status, route, error, code, lastAt } = kind;
  const cause = [error, code].filter((part) => part !== null).join(" ");
  return markup`<tr><td class="number">${count.toLocaleString("en")}</td><td>${isOther(kind) ? "other" : (status ?? "")}</td><td><code>${route ?? ""}</code></td><td>${cause}</td><td>${ago(lastAt)}</td></tr>`;
}
