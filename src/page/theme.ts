import type { Markup } from "./template.ts";

/** What a theme arranges. */
export interface ThemeView {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** The one thing to do: a link or a button. */
  readonly action: Markup;
  /** The line in which the page says what it is doing. Empty at first, and without JavaScript. */
  readonly live: Markup;
  /** `<header>` with the site's logo or name. undefined: the page is nobody's. */
  readonly header: Markup | undefined;
  /** `<footer>` with links to help. undefined: there are none. */
  readonly footer: Markup | undefined;
}

/** Colours as `#rrggbb`. A style has them as `--paper`, `--ink`, `--quiet` and `--accent`. */
export interface Scheme {
  readonly paper: string;
  /** Text on paper: a contrast of at least 7. */
  readonly ink: string;
  /** Lesser text on paper: at least 7 too. */
  readonly quiet: string;
  /**
   * What can be touched. Only as text on paper, or with text of the colour of paper on it: a brand may put another
   * colour in its place, of which nothing else is known than that it can be told from paper.
   */
  readonly accent: string;
}

/** How the HTML page looks. It loads nothing and runs nothing: the page's policy would not let it. */
export interface Theme {
  readonly light: Scheme;
  readonly dark: Scheme;
  /**
   * Comes after the style that all themes share. What moves rests within five seconds (WCAG 2.2, 2.2.2), and for who
   * wants no motion (`prefers-reduced-motion`) does not begin.
   */
  readonly style: Markup;
  /** The contents of `<body>`. */
  body(view: ThemeView): Markup;
}
