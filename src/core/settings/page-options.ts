import type { Brand } from "./brand.ts";
import type { Language } from "./languages.ts";

export type { Brand } from "./brand.ts";

/**
 * What a custom page is made of. All of it may be shown to visitors; releases are not among it.
 */
export interface PageView {
  /** The status that is sent. */
  readonly status: number;
  /** Seconds until it is worth asking again. */
  readonly retryAfter: number;
  /** BCP 47 tag of the language of the texts. */
  readonly language: string;
  readonly title: string;
  /** Has what the operator wrote, in manual mode with a message. Not escaped. */
  readonly message: string;
}

/** The looks that the HTML page can have. */
export const themeNames = ["default", "minimal", "terminal", "illustration"] as const;

export type ThemeName = (typeof themeNames)[number];

/** One more way to send the page, for clients that ask for a type that is not built in. */
export interface PageFormat {
  /** Media types that ask for it, such as `application/vnd.shop+json`: 1 to 16, in full. They go before the built-in ones. */
  readonly mediaTypes: readonly string[];
  /** @default the first of `mediaTypes` */
  readonly contentType?: string | undefined;
  /**
   * Makes the body, once for all visits that it is the same for. Values are not escaped. If it fails, visitors get a
   * built-in format.
   */
  render(view: PageView): string;
}

/** What can be set of the page. */
export interface PageOptions {
  /**
   * The page, if it is to be your own: the path of an HTML file with the placeholders `{{title}}`, `{{message}}`,
   * `{{retryAfter}}`, `{{status}}` and `{{language}}`; of a folder with such files, `page.html`, `page.txt`, `page.json`
   * and `page.xml`, as many as you have; or a function that makes the HTML. Read at the start. If it fails later,
   * visitors get the built-in page.
   * @default `MAINTENANCE_TEMPLATE`, else the built-in page
   */
  readonly template?: string | ((view: PageView) => string) | undefined;
  /**
   * The language for visitors whose own the page does not speak: a BCP 47 tag, such as `de` or `pt-BR`.
   * docs/languages.md has them all.
   * @default `MAINTENANCE_LANGUAGE`, else `en`
   */
  readonly language?: Language | undefined;
  /**
   * How the built-in HTML page looks.
   * @default `MAINTENANCE_THEME`, else `default`
   */
  readonly theme?: ThemeName | undefined;
  /**
   * Whose page it is, or the path of a JSON file that says so.
   * @default `MAINTENANCE_BRAND`, a path, else nobody's
   */
  readonly brand?: Brand | string | undefined;
  /** Formats beside the built-in ones. At most 16. */
  readonly formats?: readonly PageFormat[] | undefined;
}
