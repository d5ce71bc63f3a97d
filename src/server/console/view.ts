import { markup, toText, type Markup } from "../../page/template.ts";
import { toSourceHash } from "../../page/source-hash.ts";
import { labelOf } from "../../reports/instances.ts";
import { isOther, type MaskedKind } from "../../reports/report.ts";
import type { Look } from "./feed.ts";
import type { Fleet, Overview, ReleaseGroup } from "./overview.ts";
import { script, signInScript } from "./script.ts";
import { style } from "./style.ts";

/** Nobody would read more. */
const mostNames = 200;
const mostKinds = 20;
const mostChanges = 50;
const mostReleases = 10;

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

function ago(milliseconds: number): Markup {
  const iso = isoOf(milliseconds);
  return markup`<time data-ago datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

export function counted(count: number, one: string, several: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

/** The parts of the page, by the id of their section. They don't depend on when they are rendered. */
export function toParts(look: Look, mayChange: boolean): Readonly<Record<string, Markup>> {
  const { overview, problem } = look;
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
    instances: toInstances(overview),
    hidden: toHidden(overview),
    releases: toReleases(overview),
    history: toHistory(overview),
  };
}

/** Who sees a page, and what to tell them first. */
export interface Frame {
  readonly name: string;
  readonly app: string;
  readonly now: number;
  readonly notice?: string | undefined;
}

export function toBoard(look: Look, mayChange: boolean, frame: Frame): string {
  const parts = toParts(look, mayChange);
  const wide = new Set(["status", "instances", "hidden"]);
  return toPage(
    { ...frame, title: frame.app, live: true },
    markup`<p id="away" role="alert" hidden>This page does not hear from the console any more. It tries again.</p>
<main>
${Object.entries(parts).map(
  ([
    id,
    part,
  ]) => markup`<section id="${id}"${wide.has(id) ? markup` class="wide"` : undefined}>${part}</section>
`,
)}</main>`,
  );
}

export function toPage(
  {
    title,
    name,
    app,
    now,
    notice,
    live = false,
  }: Frame & { readonly title: string; readonly live?: boolean },
  content: Markup,
): string {
  return toText(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Intermission</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body data-now="${now}"${live ? markup` data-live="true"` : undefined}>
<header><h1>${app}</h1><p>Intermission console, as ${name}</p></header>
${notice === undefined ? undefined : markup`<p role="status">${notice}</p>`}
${content}
<script>${script}</script>
</body>
</html>
`);
}

export function toSignIn(problem: string | undefined): string {
  return toText(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Intermission</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header><h1>Intermission console</h1></header>
<main>
<section>
<h2>Sign in</h2>
${problem === undefined ? undefined : markup`<p role="alert">${problem}</p>`}
<p>Open the address that <code>intermission console</code> printed, or enter its token.</p>
<form method="post" action="session">
<label>Token <input name="token" type="password" autocomplete="off" required autofocus></label>
<p><button class="primary">Sign in</button></p>
</form>
</section>
</main>
<script>${signInScript}</script>
</body>
</html>
`);
}

const hash = (source: Markup): string => `'${toSourceHash(toText(source))}'`;

/** For every page of the console. */
export const policy = [
  "default-src 'none'",
  `script-src ${hash(script)} ${hash(signInScript)}`,
  `style-src ${hash(style)}`,
  "connect-src 'self'",
  "frame-src 'self'",
  "img-src data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

function toStatus({ current, mode, deploy, fleet }: Overview, problem: string | undefined): Markup {
  return markup`<h2>Status</h2>
${problem === undefined ? undefined : markup`<p role="alert">The store can't be read now: what you see is what it said last. ${problem}</p>`}
${headline()}
<dl>
<dt>Current release</dt><dd>${current === undefined ? "none is recorded" : markup`<code>${current.id}</code>, since ${ago(current.at)}`}</dd>
${fleet === undefined || fleet.total === 0 ? undefined : markup`<dt>Instances</dt><dd>${fleet.total - fleet.behind} of ${counted(fleet.total, "instance", "instances")} run it</dd>`}
</dl>
${fleet === undefined || fleet.total === 0 ? undefined : toBar(fleet)}`;

  function headline(): Markup {
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
}

function toBar({ total, behind }: Fleet): Markup {
  const share = (((total - behind) / total) * 100).toFixed(2);
  return markup`<div class="bar" aria-hidden="true"><svg viewBox="0 0 100 1" preserveAspectRatio="none"><rect width="${share}" height="1"/></svg></div>`;
}

function toDeploy({ deploy, deployBackIn }: Overview): Markup {
  if (deploy === undefined) return markup`<h2>Deploy</h2><p class="quiet">None is open.</p>`;
  const { release, by, openedAt, leaseUntil, leaseLeft } = deploy;
  return markup`<h2>Deploy</h2>
<p class="headline ${leaseLeft > 0 ? "page" : "bad"}">${leaseLeft > 0 ? "Open" : "Lost: nobody closed it, and it masks nothing any more"}</p>
<dl>
<dt>Release</dt><dd><code>${release}</code></dd>
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
  }</summary><ul class="names">${instances
    .slice(0, mostNames)
    .map(
      (one) => markup`<li>${labelOf(one)}</li>`,
    )}${more > 0 ? markup`<li>and ${more} more</li>` : undefined}</ul></details>`;
}

function toHidden({ fleet, current }: Overview): Markup {
  const title = markup`<h2>Errors that visitors did not see</h2>`;
  if (fleet === undefined)
    return markup`${title}<p class="quiet">Not known: this store keeps no reports.</p>`;
  const { hidden, observed } = fleet;
  const during = current === undefined ? undefined : markup` while <code>${current.id}</code> was current`;
  return markup`${title}${toSum(hidden, "were hidden", "was hidden")}${
    observed.masked === 0 ? undefined : toSum(observed, "would have been hidden", "would have been hidden")
  }`;

  function toSum(sum: Fleet["hidden"], several: string, one: string): Markup {
    if (sum.firstAt === null || sum.lastAt === null)
      return markup`<p class="quiet">None was reported${during}. Instances report every 15 seconds.</p>`;
    const more = sum.kinds.length - mostKinds;
    return markup`<p>${counted(sum.masked, "error", "errors")} ${sum.masked === 1 ? one : several}${during}, by ${counted(sum.instances, "instance", "instances")}: the first ${ago(sum.firstAt)}, the last ${ago(sum.lastAt)}.</p>
<div class="scroll"><table><thead><tr><th class="number">Errors</th><th>Status</th><th>Route</th><th>Cause</th><th>Last</th></tr></thead><tbody>${sum.kinds
      .slice(0, mostKinds)
      .map(
        toKind,
      )}</tbody></table></div>${more > 0 ? markup`<p class="quiet">And ${more} more kinds: <code>intermission report</code> lists them.</p>` : undefined}`;
  }
}

function toKind(kind: MaskedKind): Markup {
  const { count, status, route, error, code, lastAt } = kind;
  const cause = [error, code].filter((part) => part !== null).join(" ");
  return markup`<tr><td class="number">${count.toLocaleString("en")}</td><td>${isOther(kind) ? "other" : (status ?? "")}</td><td><code>${route ?? ""}</code></td><td>${cause}</td><td>${ago(lastAt)}</td></tr>`;
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

function toReleases({ current, earlier }: Overview): Markup {
  const all = current === undefined ? [] : [current, ...earlier];
  if (all.length === 0) return markup`<h2>Releases</h2><p class="quiet">None is recorded.</p>`;
  const more = all.length - mostReleases;
  return markup`<h2>Releases</h2>
<table><tbody>${all
    .slice(0, mostReleases)
    .map(
      ({ id, at }, index) =>
        markup`<tr><td><code>${id}</code> ${index === 0 ? markup`<span class="chip good">current</span>` : undefined}</td><td>${ago(at)}</td></tr>`,
    )}</tbody></table>${more > 0 ? markup`<p class="quiet">And ${more} before.</p>` : undefined}`;
}

function toHistory({ changes }: Overview): Markup {
  if (changes.length === 0) return markup`<h2>History</h2><p class="quiet">Nothing was changed yet.</p>`;
  return markup`<h2>History</h2>
<div class="scroll"><table><thead><tr><th>When</th><th>Who</th><th>What</th></tr></thead><tbody>${changes
    .slice(0, mostChanges)
    .map(
      ({ at, by, what }) => markup`<tr><td>${ago(at)}</td><td>${by}</td><td>${what}</td></tr>`,
    )}</tbody></table></div>`;
}
