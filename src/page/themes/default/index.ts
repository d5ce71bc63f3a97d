import { markup } from "../../template.ts";
import type { Theme } from "../../theme.ts";
import { drawing } from "./drawing.ts";
import { style } from "./style.ts";

/** A stage between two acts, with the ghost light on: the lamp left burning so that nobody stumbles. */
export const defaultTheme: Theme = {
  light: { paper: "#fbf5ea", ink: "#2e2220", quiet: "#5c4c45", accent: "#8c2a2e" },
  dark: { paper: "#191315", ink: "#f6ecdd", quiet: "#c9b9aa", accent: "#f2b861" },
  style,
  body: ({ header, title, paragraphs, action, live, footer }) => markup`${header}<main>
${drawing}
<h1>${title}</h1>
${paragraphs.map((paragraph) => markup`<p>${paragraph}</p>\n`)}${action}
${live}
</main>${footer}`,
};
