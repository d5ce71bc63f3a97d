import { markup } from "../../template.ts";
import type { Theme } from "../../theme.ts";

/** Only text, set like the first page of a book. */
export const minimalTheme: Theme = {
  light: { paper: "#ffffff", ink: "#16181d", quiet: "#4b5160", accent: "#1a4fba" },
  dark: { paper: "#111317", ink: "#eceef2", quiet: "#b0b7c5", accent: "#94b8ff" },
  style: markup`
body {
  display: grid;
  grid-template: auto 1fr auto / minmax(0, 34rem);
  justify-content: center;
  gap: clamp(2rem, 9vh, 6rem);
  padding: clamp(1.5rem, 6vw, 5rem) clamp(1.25rem, 6vw, 5rem);
}
main { grid-row: 2; align-self: center; }
h1 {
  margin-bottom: .75em;
  font-size: clamp(1.75rem, 1.3rem + 2vw, 3.5rem);
  font-weight: 650;
  line-height: 1.1;
  letter-spacing: -.02em;
  text-wrap: balance;
}
p { margin-bottom: 1em; }
main a, button {
  display: inline-block;
  margin: .25em 0 1em;
  padding: .55em 0;
  border: 0;
  background: none;
  font-weight: 600;
  text-decoration: underline;
  text-decoration-thickness: 2px;
}
main a:hover, button:hover { text-decoration-thickness: 3px; }
[role=status] { min-height: 3.2em; margin: 0; color: var(--quiet); font-size: .875em; }
`,
  body: ({ header, title, paragraphs, action, live, footer }) => markup`${header}<main>
<h1>${title}</h1>
${paragraphs.map((paragraph) => markup`<p>${paragraph}</p>\n`)}${action}
${live}
</main>${footer}`,
};
