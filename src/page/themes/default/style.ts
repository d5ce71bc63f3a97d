import { markup } from "../../markup.ts";

/**
 * Contrast of all text is at least 7:1 in both schemes (WCAG 2.2, 1.4.6); the test measures it. The lamp breathes for
 * less than five seconds, since whatever moves longer has to have a switch (2.2.2).
 */
export const style = markup`
:root {
  color-scheme: light dark;
  --paper: #fbf5ea;
  --ink: #2e2220;
  --quiet: #5c4c45;
  --accent: #8c2a2e;
  --on-accent: #fff8ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #191315;
    --ink: #f6ecdd;
    --quiet: #c9b9aa;
    --accent: #f2b861;
    --on-accent: #26180f;
  }
}
* { box-sizing: border-box; margin: 0; }
html {
  font: clamp(1rem, .875rem + .5vw, 2rem)/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  background: var(--paper);
  color: var(--ink);
  -webkit-text-size-adjust: 100%;
}
body {
  display: grid;
  min-height: 100vh;
  min-height: 100svh;
  place-items: center;
  padding: 1.5rem 1.25rem;
}
main { max-width: 33rem; text-align: center; overflow-wrap: anywhere; }
svg { width: min(100%, 19rem, 48vh); height: auto; margin-bottom: 1.25rem; }
h1 {
  margin-bottom: .6em;
  font: 600 clamp(1.75rem, 1.4rem + 1.6vw, 2.4rem)/1.15 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Noto Serif", serif;
  text-wrap: balance;
}
p { margin-bottom: .75em; text-wrap: pretty; }
a, button {
  display: inline-block;
  margin: .75em 0 1.25em;
  padding: .7em 1.6em;
  border: 2px solid var(--accent);
  border-radius: 2em;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  line-height: 1.3;
  text-decoration: none;
  cursor: pointer;
}
a:hover, button:hover { text-decoration: underline; text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
[hidden] { display: none; }
[role=status] { min-height: 3.2em; margin: 0; color: var(--quiet); font-size: .875em; }
.glow { animation: breathe 1.6s ease-in-out 3 alternate; }
@keyframes breathe {
  from { opacity: .6; }
}
@media (prefers-reduced-motion: reduce) {
  .glow { animation: none; }
}
@media print {
  html { background: #fff; color: #000; }
  body { display: block; }
  main { margin: auto; }
  svg, a, button, [role=status] { display: none; }
}
`;

/** Of the bytes above; the test says what it should be. */
export const styleHash = "sha256-U3kmHugYjvlywvQldnQJ9AWMbLleX0/V5LcC3ZUF7rw=";
