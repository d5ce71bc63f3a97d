import { deedOf } from "../../core/state/changes.ts";
import type { Change } from "../../core/state/state.ts";
import { markup, type Markup } from "../../page/template.ts";
import { labelOf } from "../../reports/instances.ts";
import { toHidden, toLastHour } from "./errors.ts";
import type { Look } from "./feed.ts";
import type { Finding } from "./findings.ts";
import { ago, counted, toLivePage, type Frame } from "./frame.ts";
import type { Fleet, Overview, ReleaseGroup } from "./overview.ts";
import type { Rollout } from "./rollouts.ts";
import type { Parts } from "./stream.ts";

/** Nobody would read more. */
const mostNames = 200;
const mostChanges = 50;
const mostReleases = 10;

/** The parts of the page, by the id of their section. They don't depend on when they are rendered. */
export function toParts(look: Look, mayChange: boolean): Parts {
  const { overview, problem, findings } = look;
  if (overview === undefined) {
    return { status: markup`<h2>Status</h2><p role="alert">The store could not be read yet. ${problem}</p>` };
  }
  const actions = (...links: readonly (readonly [name: string, title: string])[]): Markup | undefined =>
    mayChange
      ? markup`<p class="actions">${links.map(([name, title]) => markup`<a data-key="${name}" href="actions/${name}">${title}</a>`)}</p>`
      : undefined;
  return {
    status: markup`${toStatus(overview, problem)}${actions(["create-release", "Record a release…"], ["rollback", "Roll back…"])}`,
    deploy: markup`${toDeploy(overview)}${overview.deploy && actions(["end-deploy", "End this deploy…"])}`,
    mode: markup`${toMode(overview)}${
      overview.manual === undefined
        ? actions(["on", "Turn manual mode on…"])
        : actions(["off", "Turn it off…"], ["on", "Change it…"])
    }`,
    errors: toLastHour(overview),
    instances: toInstances(overview),
    findings: toFindingList(findings),
    hidden: toHidden(overview),
    releases: toReleases(overview),
    history: toHistory(overview),
  };
}

export function toBoard(parts: Parts, frame: Frame): string {
  const wide = new Set(["status", "findings", "errors", "instances", "hidden"]);
  return toLivePage({ ...frame, title: frame.app }, parts, (id) => wide.has(id));
}

function toFindingList(findings: readonly Finding[]): Markup {
  if (findings.length === 0)
    return markup`<h2>Findings</h2><p class="quiet">The store shows nothing wrong. <code>intermission doctor</code>, run where the app runs, checks the rest of the set-up.</p>`;
  return markup`<h2>Findings</h2>${findings.map(
    ({ found, remedy }) => markup`<p class="finding">${found}</p><p>${remedy}</p>`,
  )}`;
}

function toStatus(overview: Overview, problem: string | undefined): Markup {
  const { current, fleet } = overview;
  return markup`<h2>Status</h2>
${problem === undefined ? undefined : markup`<p role="alert">The store can't be read now: what you see is what it said last. ${problem}</p>`}
${toHeadline(overview)}
<dl>
<dt>Current release</dt><dd>${current === undefined ? "none is recorded" : markup`<code>${current.id}</code>, since ${ago(current.at)}`}</dd>
${fleet === undefined || fleet.total === 0 ? undefined : markup`<dt>Instances</dt><dd>${fleet.total - fleet.behind} of ${counted(fleet.total, "instance", "instances")} run it</dd>`}
</dl>
${fleet === undefined || fleet.total === 0 ? undefined : toBar(fleet)}`;
}

/** What becomes of a server error now. */
export function toHeadline({ current, mode, deploy, fleet }: Overview): Markup {
  if (mode === "closed")
    return markup`<p class="headline bad">The site is closed: every request gets the page.</p>`;
  if (mode === "errors")
    return markup`<p class="headline page">Manual mode is on: every server error gets the page.</p>`;
  if (deploy !== undefined && deploy.leaseLeft > 0)
    return markup`<p class="headline page">A deploy is open: every server error gets the page.</p>`;
  if (current === undefined)
    return markup`<p class="headline">Errors are regular: no release is recorded.</p>`;
  if (fleet === undefined || fleet.total === 0)
    return markup`<p class="headline">Errors of instances that run another release than <code>${current.id}</code> get the page.</p>`;
  return fleet.behind === 0
    ? markup`<p class="headline good">All is as it should be. Errors are regular.</p>`
    : markup`<p class="headline page">Errors of ${counted(fleet.behind, "instance", "instances")} get the page, until they run <code>${current.id}</code>.</p>`;
}

export function toBar({ total, behind }: Fleet): Markup {
  const share = (((total - behind) / total) * 100).toFixed(2);
  return markup`<div class="bar" aria-hidden="true"><svg viewBox="0 0 100 1" preserveAspectRatio="none"><rect width="${share}" height="1"/></svg></div>`;
}

function toDeploy({ deploy, deployBackIn }: Overview): Markup {
  if (deploy === undefined) return markup`<h2>Deploy</h2><p class="quiet">None is open.</p>`;
  const { release, by, openedAt, leaseUntil, leaseLeft } = deploy;
  return markup`<h2>Deploy</h2>
<p class="headline ${leaseLeft > 0 ? "page" : "bad"}">${leaseLeft > 0 ? "Open" : "Lost: nobody closed it, and it masks nothing any more"}</p>
<dl>
<dt>Release</dt><dd><a data-key="deploy" href="deploys/${openedAt}/">${release}</a></dd>
<dt>Opened</dt><dd>${ago(openedAt)} by ${by ?? "somebody"}</dd>
${leaseLeft > 0 ? markup`<dt>Counts as lost</dt><dd>${ago(leaseUntil)}, if nobody renews it</dd>` : undefined}
${deployBackIn === undefined ? undefined : markup`<dt>Likely over</dt><dd>in ${Math.ceil(deployBackIn / 60)} min</dd>`}
</dl>`;
}

function toInstances({ fleet }: Overview): Markup {
  if (fleet === undefined)
    return markup`<h2>Instances</h2><p class="quiet">Nobody knows: this store keeps no reports, or they can't be read.</p>`;
  if (fleet.total === 0)
    return markup`<h2>Instances</h2><p class="quiet">None has reported in the last minute. Instances report every 15 seconds once a release is recorded.</p>`;
  const { proxies } = fleet;
  return markup`<h2>Instances</h2>
${fleet.groups.map(toGroup)}
${proxies.length === 0 ? undefined : markup`<p class="quiet group">And ${counted(proxies.length, "proxy", "proxies")}: ${proxies.slice(0, mostNames).map(labelOf).join(", ")}</p>`}`;
}

function toGroup({ release, isCurrent, isRecorded, instances }: ReleaseGroup): Markup {
  const name = release ?? "unknown";
  const more = instances.length - mostNames;
  return markup`<details class="group" data-key="group ${name}"><summary data-key="summary ${name}"><code>${name}</code> ${counted(instances.length, "instance", "instances")} ${
    isCurrent
      ? markup`<span class="chip good">current</span>`
      : release === null
        ? markup`<span class="chip">knows no release</span>`
        : isRecorded
          ? markup`<span class="chip page">errors get the page</span>`
          : markup`<span class="chip bad">never recorded here</span>`
  }</summary><ul class="names" data-key="names ${name}" tabindex="0">${instances
    .slice(0, mostNames)
    .map(
      (one) => markup`<li>${labelOf(one)}</li>`,
    )}${more > 0 ? markup`<li>and ${more} more</li>` : undefined}</ul></details>`;
}

function toMode({ manual }: Overview): Markup {
  if (manual === undefined) return markup`<h2>Manual mode</h2><p class="quiet">Off: the releases decide.</p>`;
  const rows: readonly (readonly [string, Markup | string | undefined])[] = [
    ["Message", manual.message ?? undefined],
    ["Back", manual.backAt === null ? undefined : ago(manual.backAt)],
    ["From", manual.from === null ? undefined : ago(manual.from)],
    ["Until", manual.until === null ? undefined : ago(manual.until)],
    ["Exempt paths", manual.exemptPaths.join(" ") || undefined],
    ["Exempt clients", manual.exemptAddresses.join(" ") || undefined],
    ["Open health checks", manual.openHealthPaths.join(" ") || undefined],
    ["Turned on", manual.at === null ? undefined : markup`${ago(manual.at)} by ${manual.by ?? "somebody"}`],
  ];
  return markup`<h2>Manual mode</h2>
<p class="headline ${manual.mode === "closed" ? "bad" : "page"}">${manual.mode === "closed" ? "Closed" : "Every server error"}${manual.holds ? "" : ", but not at this time"}</p>
<dl>${rows.map(([title, value]) => (value === undefined ? markup`` : markup`<dt>${title}</dt><dd>${value}</dd>`))}</dl>`;
}

function toReleases({ rollouts }: Overview): Markup {
  if (rollouts.length === 0)
    return markup`<h2>Releases and their deploys</h2><p class="quiet">None is recorded. The next deploy runs <code>intermission deploy</code> or <code>create-release</code>, and is listed here.</p>`;
  const more = rollouts.length - mostReleases;
  return markup`<h2>Releases and their deploys</h2>
<div class="scroll" data-key="release rows" tabindex="0" role="group" aria-label="Releases"><table><tbody>${rollouts
    .slice(0, mostReleases)
    .map(
      (rollout, index) =>
        markup`<tr><td><a data-key="deploy ${rollout.at}" href="deploys/${rollout.at}/">${rollout.release}</a></td><td>${toOutcome(rollout)}${index === 0 && rollout.restored === undefined ? markup` <span class="chip good">current</span>` : undefined}</td><td>${ago(rollout.at)}</td></tr>`,
    )}</tbody></table></div>${more > 0 ? markup`<p class="quiet">And ${more} before.</p>` : undefined}`;
}

export function toOutcome({ way, outcome }: Rollout): Markup | undefined {
  if (way === "rolled-back") return markup`<span class="chip page">rolled back to</span>`;
  switch (outcome) {
    case undefined:
      return undefined;
    case "open":
      return markup`<span class="chip page">deploy open</span>`;
    case "succeeded":
      return markup`<span class="chip good">succeeded</span>`;
    case "failed":
    case "aborted":
    case "lost":
      return markup`<span class="chip bad">${outcome}</span>`;
  }
}

function toHistory({ changes }: Overview): Markup {
  if (changes.length === 0) return markup`<h2>History</h2><p class="quiet">Nothing was changed yet.</p>`;
  return markup`<h2>History</h2>
<div class="scroll" data-key="history rows" tabindex="0" role="group" aria-label="History"><table><thead><tr><th>When</th><th>Who</th><th>What</th></tr></thead><tbody>${changes
    .slice(0, mostChanges)
    .map(
      (change) =>
        markup`<tr><td>${ago(change.at)}</td><td>${change.by}</td><td>${toSentence(change)}</td></tr>`,
    )}</tbody></table></div>`;
}

function toSentence(change: Change): Markup {
  const deed = deedOf(change);
  switch (deed?.kind) {
    case "release-recorded":
      return markup`Recorded <code>${deed.release}</code>`;
    case "rolled-back":
      return markup`Rolled back to <code>${deed.release}</code>`;
    case "deploy-begun":
      return markup`Began the deploy of <code>${deed.release}</code>${
        deed.takenOver === undefined
          ? undefined
          : markup`, and ended the one of <code>${deed.takenOver}</code>`
      }${deed.lost === undefined ? undefined : markup`; the one of <code>${deed.lost}</code> was lost`}`;
    case "deploy-ended":
      return markup`The deploy of <code>${deed.release}</code> ${deed.outcome === "succeeded" || deed.outcome === "failed" ? deed.outcome : `was ${deed.outcome}`}${
        deed.note === undefined ? undefined : ` (${deed.note})`
      }${deed.restored === undefined ? undefined : markup`; <code>${deed.restored}</code> is current again`}`;
    case "manual-on":
      return deed.mode === "closed" ? markup`Closed the site` : markup`Turned manual mode on`;
    case "manual-off":
      return deed.mode === "closed" ? markup`Opened the site` : markup`Turned manual mode off`;
    case "releases-imported":
      return markup`Imported ${counted(deed.count, "release", "releases")} from Django`;
    case undefined:
      return markup`${change.what}`;
  }
}
