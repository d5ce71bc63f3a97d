import type { Markup } from "./template.ts";

/** What a theme lays out. */
export interface ThemeView {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** The one thing to do: a link or a button. */
  readonly action: Markup;
  /** The line that says what the page is doing. Empty at first, and without JavaScript. */
  readonly live: Markup;
  /** `<header>` with the site's logo or name. undefined: no brand. */
  readonly header: Markup | undefined;
  /** `<footer>` with links to help. undefined: no links. */
  readonly footer: Markup | undefined;
}

/** Colours as `#rrggbb`. Styles use them as `--paper`, `--ink`, `--quiet` and `--accent`. */
export interface Scheme {
  readonly paper: string;
  /** Text on paper: contrast of at least 7. */
  readonly ink: string;
  /** Secondary text on paper: at least 7 too. */
  readonly quiet: string;
  /**
   * Links and buttons. Use it only as text on paper, or behind text in the colour of paper: a brand may
   * replace it with a colour of which only its contrast with paper is certain.
   */
  readonly accent: string;
}

/** How the HTML page looks. It loads nothing and runs nothing: the page's policy forbids it. */
export interface Theme {
  readonly light: Scheme;
  readonly dark: Scheme;
  /**
   * Follows the style that all themes share. Motion ends within five seconds (WCAG 2.2, 2.2.2), and never
   * starts for visitors who want none (`prefers-reduced-motion`).
   */
  readonly style: Markup;
  /** The contents of `<body>`. */
  body(view: ThemeView): Markup;
}
