export const panelStyle = `
:root {
  color-scheme: light dark;
  --paper: #f6f1e7; --card: #fffdf8; --sunk: #f1e9da; --ink: #2b211f; --quiet: #665750; --line: #e2d7c5;
  --accent: #8c2a2e; --on-accent: #fff8ec;
  --good: #22633f; --good-paper: #dcefe2; --page: #7d4d00; --page-paper: #fbe7bd; --bad: #a01f24; --bad-paper: #fadcdb;
  --mono: ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171214; --card: #211a1c; --sunk: #2b2225; --ink: #f3e9dc; --quiet: #bcaca0; --line: #3b3033;
    --accent: #f0b45a; --on-accent: #26180f;
    --good: #8fd6ab; --good-paper: #173324; --page: #f3c873; --page-paper: #3f2d10; --bad: #ffaaa6; --bad-paper: #4a1b1d;
  }
}
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
body { font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; background: var(--paper); color: var(--ink); }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
small { font-size: 12px; color: var(--quiet); font-weight: 400; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; padding: 14px 20px 10px; }
h1 { display: flex; align-items: center; gap: 10px; font: 600 25px/1 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Noto Serif", serif; }
.tagline { flex: 1 1 260px; color: var(--quiet); }
.current { padding: 5px 12px; border-radius: 99px; background: var(--sunk); color: var(--quiet); }
.current b { color: var(--ink); font-family: var(--mono); }
.plain { padding: 5px 12px; border: 1px solid var(--line); border-radius: 99px; background: var(--card); }
a.plain { color: inherit; text-decoration: none; }
.plain:disabled { display: none; }
.plain[data-action=start-over]:disabled { display: block; opacity: .5; }
main { display: grid; grid-template-columns: minmax(0, 400px) minmax(0, 1fr); gap: 18px; padding: 4px 20px 20px; max-width: 1720px; margin: auto; }
.left, .right { display: grid; gap: 16px; align-content: start; min-width: 0; }
h2 { margin-bottom: 8px; font-size: 14px; font-weight: 650; }
h2 small { margin-left: 4px; }
ol { list-style: none; padding: 0; display: grid; gap: 7px; }
.step { display: grid; grid-template-columns: auto 1fr auto; align-items: center; gap: 12px; width: 100%; padding: 9px 12px; text-align: left; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
.step strong, .step small { display: block; }
.number { display: grid; place-items: center; width: 26px; height: 26px; border-radius: 50%; background: var(--sunk); color: var(--quiet); font-size: 13px; }
.step em { font-size: 12px; font-style: normal; color: var(--quiet); white-space: nowrap; }
.step[data-state=next] { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.step[data-state=next] :is(small, em) { color: inherit; }
.step[data-state=next] .number { background: var(--on-accent); color: var(--accent); }
.step[data-state=done] { background: none; }
.step[data-state=done] .number { background: var(--good-paper); color: var(--good); }
.step[data-state=later] { background: none; border-style: dashed; }
.step[data-state=later] strong { color: var(--quiet); }
button:disabled { cursor: default; }
.step:not(:disabled):hover { filter: brightness(1.08); }
[data-busy] .number { animation: turn 1s linear infinite; border-radius: 8px; }
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { [data-busy] .number { animation: none; } }
.extras { display: grid; grid-template-columns: repeat(3, 1fr); gap: 7px; margin-top: 9px; }
.extras button { display: grid; gap: 2px; align-content: start; padding: 8px 10px; text-align: left; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
.extras strong { font-size: 13px; }
.extras small { line-height: 1.3; }
.extras button:disabled { background: none; border-style: dashed; }
.extras button:disabled strong { color: var(--quiet); }
.extras button:not(:disabled):hover { border-color: var(--accent); }
[data-action=manual-off], [data-action=start-store] { background: var(--page-paper) !important; border-color: var(--page) !important; }
#failure { margin-top: 9px; padding: 8px 12px; border-radius: 10px; background: var(--bad-paper); color: var(--bad); overflow-wrap: anywhere; }
#machines { list-style: none; padding: 0; display: grid; gap: 7px; }
#machines li { display: grid; grid-template-columns: auto 1fr auto; gap: 1px 10px; align-items: baseline; padding: 8px 12px; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
#machines .name { font-weight: 650; }
#machines .name::before { content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 8px; border-radius: 50%; background: var(--good); }
#machines [data-status=starting] .name::before { background: var(--page); }
#machines :is([data-status=crashed], [data-status=given-up]) .name::before { background: var(--bad); }
#machines .release { font-family: var(--mono); color: var(--quiet); }
#machines .line { grid-column: 1 / -1; font-size: 12px; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.counts { display: flex; gap: 4px; font-size: 12px; white-space: nowrap; }
.chip { display: inline-block; padding: 0 7px; border-radius: 99px; font-size: 12px; font-weight: 600; white-space: nowrap; }
.success { background: var(--good-paper); color: var(--good); }
.page { background: var(--page-paper); color: var(--page); }
.error { background: var(--bad-paper); color: var(--bad); }
.browser { border: 1px solid var(--line); border-radius: 14px; background: var(--card); overflow: hidden; box-shadow: 0 10px 30px -18px rgb(60 30 20 / .5); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; padding: 7px 10px; border-bottom: 1px solid var(--line); background: var(--sunk); }
#address { flex: 1 1 120px; padding: 3px 12px; border-radius: 99px; background: var(--card); color: var(--quiet); font-family: var(--mono); font-size: 12.5px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar :is(a, button) { padding: 3px 11px; border: 1px solid var(--line); border-radius: 99px; background: var(--card); color: inherit; text-decoration: none; line-height: 1.45; }
.bar :is(a, button):hover { border-color: var(--accent); }
.view { height: 441px; overflow: hidden; background: var(--card); }
iframe { display: block; width: 142.86%; height: 630px; border: 0; transform: scale(.7); transform-origin: 0 0; }
#seen { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; min-height: 36px; padding: 6px 14px; border-top: 1px solid var(--line); }
.logs { display: grid; grid-template-columns: minmax(0, 1.12fr) minmax(0, 1fr); gap: 16px; }
#totals { float: right; display: flex; gap: 5px; }
.scroll, pre { height: 222px; overflow: auto; border: 1px solid var(--line); border-radius: 12px; background: var(--card); scrollbar-width: thin; }
table { width: 100%; border-collapse: collapse; font-size: 12.5px; }
th { position: sticky; top: 0; z-index: 1; background: var(--sunk); color: var(--quiet); font-weight: 500; text-align: left; }
th, td { padding: 3px 10px; white-space: nowrap; }
td { border-bottom: 1px solid var(--line); }
td:nth-child(2) { max-width: 130px; overflow: hidden; text-overflow: ellipsis; }
td i { font-style: normal; color: var(--accent); font-weight: 650; }
pre { padding: 9px 12px; background: #221a1d; color: #eadfd2; font: 12px/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
pre span { display: block; }
pre .command { margin-top: 7px; color: #ffd792; }
pre .command:first-child { margin-top: 0; }
pre .command::before { content: "$ "; color: #b3a297; }
pre .failed { color: #ffaaa6; }
noscript p { padding: 20px; }
@media (max-width: 900px) {
  main, .logs { grid-template-columns: minmax(0, 1fr); }
  .left, .right { display: contents; }
  .machines { order: 1; }
  .logs { order: 2; }
  header, main { padding-inline: 14px; }
}
`;
