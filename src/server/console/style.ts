import { markup } from "../../page/template.ts";

export const style = markup`
:root {
  color-scheme: light dark;
  --paper: #f6f1e7; --card: #fffdf8; --sunk: #f1e9da; --ink: #2b211f; --quiet: #665750; --line: #e2d7c5;
  --accent: #8c2a2e; --on-accent: #fff8ec; --good: #22633f; --good-paper: #dcefe2;
  --page: #7d4d00; --page-paper: #fbe7bd; --hidden: #d99a2b; --bad: #a01f24; --bad-paper: #fadcdb;
  --mono: ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171214; --card: #211a1c; --sunk: #2b2225; --ink: #f3e9dc; --quiet: #bcaca0; --line: #3b3033;
    --accent: #f0b45a; --on-accent: #26180f; --good: #8fd6ab; --good-paper: #173324;
    --page: #f3c873; --page-paper: #3f2d10; --hidden: #b9832f; --bad: #ffaaa6; --bad-paper: #4a1b1d;
  }
}
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
body { max-width: 78rem; margin: auto; padding: 0 1rem 3rem; background: var(--paper); color: var(--ink); font: .9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; padding: 1.25rem 0 1rem; }
h1 { font: 600 1.5rem/1.2 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Noto Serif", serif; }
h2 { font-size: .9375rem; font-weight: 650; margin-bottom: .5rem; }
header p, small, .quiet { color: var(--quiet); }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; align-items: start; }
section { padding: 1rem 1.125rem; border: 1px solid var(--line); border-radius: .875rem; background: var(--card); min-width: 0; overflow-wrap: anywhere; }
.wide { grid-column: 1 / -1; }
.headline { font-size: 1.125rem; font-weight: 600; }
.headline.page { color: var(--page); }
.headline.good { color: var(--good); }
.headline.bad { color: var(--bad); }
code, .mono { font-family: var(--mono); font-size: .875em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .125rem 1rem; margin-top: .5rem; }
dt { color: var(--quiet); }
dd { font-variant-numeric: tabular-nums; }
.scroll { overflow: auto; max-height: 40rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--quiet); }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > td { border-bottom: 0; }
th, .number { white-space: nowrap; overflow-wrap: normal; }
.number { width: 1%; text-align: right; }
td { overflow-wrap: break-word; }
table time { white-space: nowrap; }
.chip { display: inline-block; padding: 0 .5rem; border-radius: 1rem; font-size: .8125rem; font-weight: 600; white-space: nowrap; background: var(--sunk); color: var(--quiet); }
.chip.good { background: var(--good-paper); color: var(--good); }
.chip.page { background: var(--page-paper); color: var(--page); }
.chip.bad { background: var(--bad-paper); color: var(--bad); }
.group { margin-top: .75rem; }
.group summary { cursor: pointer; }
.names { display: flex; flex-wrap: wrap; gap: .125rem .75rem; padding: .375rem 0 0 1rem; list-style: none; font-size: .8125rem; color: var(--quiet); max-height: 16rem; overflow: auto; }
.bar { display: flex; height: .625rem; margin-top: .5rem; border-radius: 1rem; overflow: hidden; background: var(--page-paper); }
.bar svg { width: 100%; height: 100%; }
.bar rect { fill: var(--good); }
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.legend > span { display: inline-flex; align-items: center; gap: .5rem; white-space: nowrap; }
.key { width: 1rem; height: .75rem; border-radius: .1875rem; }
.key.hidden { background: var(--hidden); }
.key.regular { height: 0; border-top: 3px solid var(--bad); border-radius: 0; }
.finding { margin-top: .5rem; font-weight: 600; color: var(--bad); }
.chart { display: block; width: 100%; height: 10.25rem; margin: .5rem 0; overflow: visible; }
.chart text { font-size: 12px; fill: var(--quiet); }
.chart line { stroke: var(--quiet); stroke-dasharray: 3 3; }
.chart .base { stroke: var(--line); vector-effect: non-scaling-stroke; }
.chart .hidden { fill: var(--hidden); }
.chart .regular { fill: none; stroke: var(--bad); stroke-width: 2px; vector-effect: non-scaling-stroke; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .875rem; }
.actions a, button { display: inline-block; padding: .375rem .875rem; border: 1px solid var(--line); border-radius: 2rem; background: var(--paper); color: inherit; font: inherit; text-decoration: none; cursor: pointer; }
.actions a:hover, button:hover { border-color: var(--accent); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
form { display: grid; gap: .75rem; margin-top: .875rem; max-width: 40rem; }
label { display: grid; gap: .125rem; }
input, select { font: inherit; color: inherit; padding: .375rem .5rem; border: 1px solid var(--quiet); border-radius: .5rem; background: var(--paper); width: 100%; }
[role=alert], [role=status] { padding: .625rem .875rem; margin-bottom: 1rem; border-radius: .625rem; overflow-wrap: anywhere; }
[role=alert] { background: var(--bad-paper); color: var(--bad); }
[role=status] { background: var(--good-paper); color: var(--good); }
iframe { width: 100%; height: 26rem; border: 1px solid var(--line); border-radius: .625rem; background: var(--card); }
`;
