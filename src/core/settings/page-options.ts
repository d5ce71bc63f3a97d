import { toBrandParts, type Brand } from "./brand.ts";
import { bad, type Given } from "./given.ts";
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
   * The language of the page for visitors whose own there is none of: a BCP 47 tag, such as `de` or `pt-BR`.
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

const maximumFormats = 16;
const maximumMediaTypes = 16;
const mediaTypePattern = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;
// Latin letters, digits and punctuation: what can stand in a header.
const headerPattern = /^[\x20-\x7e]{1,255}$/;

export function toTemplate(given: Given | undefined): PageOptions["template"] {
  if (given === undefined) return undefined;
  const { value } = given;
  if (typeof value === "function") return value as NonNullable<PageOptions["template"]>;
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw bad(given, "the path of an HTML file or of a folder, or a function that makes the HTML");
}

export function toTheme(given: Given | undefined): ThemeName | undefined {
  if (given === undefined) return undefined;
  const theme = themeNames.find((name) => name === given.value);
  if (theme === undefined) throw bad(given, `one of ${themeNames.join(", ")}`);
  return theme;
}

export function toBrand(given: Given | undefined): PageOptions["brand"] {
  if (given === undefined) return undefined;
  const { value } = given;
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  if (typeof value === "object") return toBrandParts(given);
  throw bad(given, "the path of a JSON file, or an object with what it would say");
}

export function toFormats(given: Given | undefined): readonly PageFormat[] {
  if (given === undefined) return [];
  const { value } = given;
  if (!Array.isArray(value) || value.length > maximumFormats) {
    throw bad(given, `a list of at most ${String(maximumFormats)} formats`);
  }
  return value.map((format, index) =>
    toFormat({ value: format, name: `${given.name}, number ${String(index + 1)},` }),
  );
}

function toFormat(given: Given): PageFormat {
  const { mediaTypes, contentType, render } = (given.value ?? {}) as Partial<
    Record<keyof PageFormat, unknown>
  >;
  if (!isMediaTypes(mediaTypes)) throw bad({ ...given, value: mediaTypes }, "mediaTypes such as text/csv");
  if (contentType !== undefined && (typeof contentType !== "string" || !headerPattern.test(contentType)))
    throw bad({ ...given, value: contentType }, "a contentType such as text/csv; charset=utf-8");
  if (typeof render !== "function") throw bad({ ...given, value: render }, "a function render");
  return {
    mediaTypes: mediaTypes.map((mediaType) => mediaType.toLowerCase()),
    contentType,
    render: render as PageFormat["render"],
  };
}

function isMediaTypes(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > maximumMediaTypes) return false;
  return value.every((type) => typeof type === "string" && mediaTypePattern.test(type));
}
