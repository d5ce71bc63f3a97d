import { markup } from "../../template.ts";
import type { Theme } from "../../theme.ts";
import { drawing } from "./drawing.ts";

/** An evening at the open-air cinema, as wide as the window. The film is about to continue. */
export const illustrationTheme: Theme = {
  light: { paper: "#fdf3e3", ink: "#38251d", quiet: "#64483b", accent: "#93391b" },
  dark: { paper: "#10142a", ink: "#f3ecdf", quiet: "#bfbdd0", accent: "#ffc772" },
  style: markup`
:root {
  --low: #ffce93; --sun: #ff9d57; --far: #e7a878; --near: #cc7f58; --dim: #a9603f;
  --wood: #5b3527; --screen: #fffaf0; --line: #e5cfae; --lamp: #fff3cf; --bulb: #ff9d57; --ground: #86482f; --seats: #5e2f22; --stars: 0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --low: #343a72; --sun: #f4e6bd; --far: #2a3163; --near: #20264f; --dim: #171c3d;
    --wood: #080a18; --screen: #ffefc9; --line: #e0c48d; --lamp: #ffdf9a; --bulb: #ffdf9a; --ground: #121632; --seats: #080a18; --stars: 1;
  }
}
body { display: flex; flex-direction: column; text-align: center; }
header, footer { align-self: center; padding: 1.25rem 1.25rem 0; }
footer { padding-top: 0; }
main { max-width: 36rem; margin: auto; padding: clamp(1.5rem, 6vh, 5rem) 1.25rem 1.5rem; }
svg {
  display: block;
  flex: 0 1 max(36vh, 30vw);
  width: 100%;
  min-height: max(9rem, 24vw);
  background: linear-gradient(var(--paper), var(--low));
}
h1 {
  margin-bottom: .5em;
  font: 700 clamp(2rem, 1.5rem + 1.6vw, 3.2rem)/1.1 ui-rounded, "Hiragino Maru Gothic ProN", Quicksand, Nunito, "Avenir Next", system-ui, sans-serif;
  text-wrap: balance;
}
p { margin-bottom: .75em; }
main a, button {
  display: inline-block;
  margin: .5em 0 1em;
  padding: .7em 1.7em;
  border: 0;
  border-radius: .6em;
  background: var(--accent);
  color: var(--paper);
  font-weight: 650;
  line-height: 1.3;
  text-decoration: none;
}
main a:hover, button:hover { text-decoration: underline; }
[role=status] { min-height: 3.2em; margin: 0; color: var(--quiet); font-size: .875em; }
.lamp { stop-color: var(--lamp); }
.stars { fill: #fff; opacity: var(--stars); }
.sun { fill: var(--sun); }
.far { fill: var(--far); }
.near { fill: var(--near); }
.dim { fill: var(--dim); }
.wood { fill: var(--wood); }
.screen { fill: var(--screen); }
.ground { fill: var(--ground); }
.seats { fill: var(--seats); }
.leader, .wire, .bulbs { fill: none; stroke: var(--line); stroke-width: 3; }
.wire { stroke: var(--wood); stroke-width: 2; }
.bulbs { stroke: var(--bulb); stroke-width: 9; stroke-linecap: round; stroke-dasharray: 0 27; }
.hand { transform-origin: 600px 216px; animation: sweep 2.4s linear 2; }
@keyframes sweep {
  to { transform: rotate(360deg); }
}
@media (prefers-reduced-motion: reduce) {
  .hand { animation: none; }
}
`,
  body: ({ header, title, paragraphs, action, live, footer }) => markup`${header}<main>
<h1>${title}</h1>
${paragraphs.map((paragraph) => markup`<p>${paragraph}</p>\n`)}${action}
${live}
</main>${footer}
${drawing}`,
};
