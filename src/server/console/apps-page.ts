import { markup, type Markup } from "../../page/template.ts";
import { toBar, toHeadline } from "./board.ts";
import type { Look } from "./feed.ts";
import { ago, counted } from "./frame.ts";

/** An app beside others: what becomes of its errors now, and how far its deploy is. */
export function toCard(app: string, { overview, problem }: Look): Markup {
  const title = markup`<h2><a data-key="app" href="apps/${encodeURIComponent(app)}/">${app}</a></h2>`;
  if (overview === undefined)
    return markup`${title}<p role="alert">The store could not be read yet. ${problem}</p>`;
  const { current, fleet, hour, deploy } = overview;
  const hidden = hour?.hidden.reduce((sum, { count }) => sum + count, 0);
  const regular = hour?.regular.reduce((sum, { count }) => sum + count, 0);
  return markup`${title}
${problem === undefined ? undefined : markup`<p role="alert">The store can't be read now. ${problem}</p>`}
${toHeadline(overview)}
<dl>
<dt>Current release</dt><dd>${current === undefined ? "none is recorded" : markup`<code>${current.id}</code>, since ${ago(current.at)}`}</dd>
${deploy === undefined ? undefined : markup`<dt>Deploy</dt><dd><code>${deploy.release}</code>, opened ${ago(deploy.openedAt)}</dd>`}
${fleet === undefined || fleet.total === 0 ? undefined : markup`<dt>Instances</dt><dd>${fleet.total - fleet.behind} of ${counted(fleet.total, "instance", "instances")} run it</dd>`}
${hidden === undefined || regular === undefined ? undefined : markup`<dt>In the last hour</dt><dd>${counted(hidden, "error", "errors")} hidden, ${counted(regular, "real one", "real ones")}</dd>`}
</dl>
${fleet === undefined || fleet.total === 0 ? undefined : toBar(fleet)}`;
}
