import { markup } from "../../markup.ts";
import type { Theme } from "../../theme.ts";
import { drawing } from "./drawing.ts";
import { style, styleHash } from "./style.ts";

/** A stage between two acts, with the ghost light on: the lamp that is left burning so that nobody stumbles. */
export const defaultTheme: Theme = {
  style,
  styleHash,
  body: ({ title, paragraphs, action, live }) => markup`<main>
${drawing}
<h1>${title}</h1>
${paragraphs.map((paragraph) => markup`<p>${paragraph}</p>\n`)}${action}
${live}
</main>`,
};
