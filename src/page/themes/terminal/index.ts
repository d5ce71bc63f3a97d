import { markup } from "../../template.ts";
import type { Theme } from "../../theme.ts";

/** A screen of text with a waiting cursor. */
export const terminalTheme: Theme = {
  light: { paper: "#f4f1e6", ink: "#1f2a22", quiet: "#47524a", accent: "#1c6136" },
  dark: { paper: "#0c110e", ink: "#d7e8da", quiet: "#9db8a4", accent: "#7ee29a" },
  style: markup`
html { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "Roboto Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
body {
  display: flex;
  flex-direction: column;
  gap: 2rem;
  padding: clamp(1.25rem, 5vw, 4rem);
}
main { display: grid; gap: 1em; max-width: 62ch; }
h1 { font-size: 1em; color: var(--accent); }
h1::before, p:not([role])::before { content: "> " / ""; color: var(--quiet); font-weight: 400; }
p:not([role]) { padding-inline-start: 2ch; text-indent: -2ch; }
main a, button {
  justify-self: start;
  padding: .5em 1ch;
  border: 1px solid;
  background: none;
  text-decoration: none;
}
main a:hover, main a:focus, button:hover, button:focus { background: var(--accent); color: var(--paper); }
[role=status] { min-height: 3.2em; color: var(--quiet); }
[role=status]::after {
  content: "\\2588" / "";
  margin-inline-start: .5ch;
  color: var(--accent);
  animation: blink 1.2s step-end 4;
}
footer { margin-top: auto; }
@keyframes blink {
  50% { opacity: 0; }
}
@media (prefers-reduced-motion: reduce) {
  [role=status]::after { animation: none; }
}
`,
  body: ({ header, title, paragraphs, action, live, footer }) => markup`${header}<main>
<h1>${title}</h1>
${paragraphs.map((paragraph) => markup`<p>${paragraph}</p>\n`)}${action}
${live}
</main>${footer}`,
};
