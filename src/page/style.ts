import { markup, type Markup } from "./template.ts";
import type { Scheme, Theme } from "./theme.ts";

// One stylesheet for all themes: `main` is the text, and everything outside it is the brand's.
const shared = markup`
* { box-sizing: border-box; margin: 0; }
html {
  background: var(--paper);
  color: var(--ink);
  font: clamp(1rem, .875rem + .5vw, 2rem)/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  -webkit-text-size-adjust: 100%;
}
body { min-height: 100vh; min-height: 100svh; overflow-wrap: anywhere; }
h1, p { text-wrap: pretty; }
a, button { color: var(--accent); font: inherit; text-underline-offset: .2em; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
header { font-weight: 600; }
header img { display: block; max-width: min(100%, 14rem); height: 2.5rem; object-fit: contain; }
footer { display: flex; flex-wrap: wrap; gap: .25em 1.5em; font-size: .875em; }
footer a { padding: .5em 0; }
[hidden] { display: none; }
`;

const print = markup`
@media print {
  :root { --paper: #fff; --ink: #000; --quiet: #000; --accent: #000; }
  main > svg, body > svg, main a, button, [role=status] { display: none; }
}
`;

export function toStylesheet({ light, dark, style }: Theme): Markup {
  return markup`
:root { color-scheme: light dark; ${toProperties(light)} }
@media (prefers-color-scheme: dark) {
  :root { ${toProperties(dark)} }
}${shared}${style}${print}`;
}

function toProperties({ paper, ink, quiet, accent }: Scheme): string {
  return `--paper: ${paper}; --ink: ${ink}; --quiet: ${quiet}; --accent: ${accent};`;
}
