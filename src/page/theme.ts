import type { Markup } from "./markup.ts";

/** What a theme arranges. */
export interface ThemeView {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** The one thing to do: a link or a button. */
  readonly action: Markup;
  /** The line in which the page says what it is doing. Empty at first, and without JavaScript. */
  readonly live: Markup;
}

/** How the HTML page looks. It loads nothing and runs nothing: the page's policy would not let it. */
export interface Theme {
  /** A stylesheet without any value from outside, since the policy allows exactly these bytes. */
  readonly style: Markup;
  /** `sha256-` and the base64 of the digest of `style`. */
  readonly styleHash: string;
  /** The contents of `<body>`. */
  body(view: ThemeView): Markup;
}
