import { bad, IntermissionError, show, type Given } from "../errors.ts";

/** What a custom page is rendered from. All of it may be shown to visitors; it contains no release. */
export interface PageView {
  /** The status sent. */
  readonly status: number;
  /** Seconds after which to try again. */
  readonly retryAfter: number;
  /** BCP 47 tag of the texts' language. */
  readonly language: string;
  readonly title: string;
  /** Includes the operator's message, if manual mode has one. Not escaped. */
  readonly message: string;
}

/** The themes of the HTML page. */
export const themeNames = ["default", "minimal", "terminal", "illustration"] as const;

export type ThemeName = (typeof themeNames)[number];

/** Another format of the page, for clients that ask for a type that is not built in. */
export interface PageFormat {
  /**
   * Media types that select it, such as `application/vnd.shop+json`: 1 to 16, without wildcards. They win
   * over the built-in ones.
   */
  readonly mediaTypes: readonly string[];
  /** @default the first of `mediaTypes` */
  readonly contentType?: string | undefined;
  /**
   * Renders the body, once for all visits that share it. Values are not escaped. If it fails, visitors get a
   * built-in format.
   */
  render(view: PageView): string;
}

/** Options of the page. */
export interface PageOptions {
  /**
   * Your own page. Either the path of an HTML file with the placeholders `{{title}}`, `{{message}}`,
   * `{{retryAfter}}`, `{{status}}` and `{{language}}`; or of a folder with any of `page.html`, `page.txt`,
   * `page.json` and `page.xml`; or a function that returns the HTML. Read at the start. If it fails later,
   * visitors get the built-in page.
   * @default `MAINTENANCE_TEMPLATE`, else the built-in page
   */
  readonly template?: string | ((view: PageView) => string) | undefined;
  /**
   * The language for visitors whose own is not supported: a BCP 47 tag, such as `de` or `pt-BR`.
   * docs/languages.md lists them.
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
   * @default `MAINTENANCE_BRAND`, a path, else no brand
   */
  readonly brand?: Brand | string | undefined;
  /** Formats in addition to the built-in ones. At most 16. */
  readonly formats?: readonly PageFormat[] | undefined;
}

/** One text for all languages, or one per language: `{ "en": "…", "pt-BR": "…" }`, by BCP 47 tag. */
export type OwnWords = string | Readonly<Record<string, string>>;

/** Whose page it is. Visitors see all of it. */
export interface Brand {
  /** 1 to 100 characters. */
  readonly name?: string | undefined;
  /**
   * The path of an SVG, PNG, JPEG, GIF, WebP or AVIF file of at most 32 KiB, which is embedded in the page;
   * or the same as a base64 `data:` URL.
   */
  readonly logo?: string | undefined;
  /**
   * `#rgb` or `#rrggbb`. It is lightened for dark mode. If it is too pale for a light page it is darkened,
   * with a warning.
   */
  readonly accent?: string | undefined;
  /** Where visitors get help: an `https:`, `http:`, `mailto:` or `tel:` address. */
  readonly support?: string | undefined;
  /** Your status page: an `https:` or `http:` address, on another machine than the app. */
  readonly statusPage?: string | undefined;
  /** Replaces the page's title. At most 200 characters. Languages you leave out keep the built-in title. */
  readonly title?: OwnWords | undefined;
  /**
   * Replaces the page's explanation. At most 2000 characters. The message of `intermission on` wins over it.
   */
  readonly message?: OwnWords | undefined;
}

const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
const dataUrl = /^data:image\/(?:svg\+xml|png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/]+={0,2}$/;
/** 32 KiB in base64, plus the start of the URL. */
const maximumDataUrl = 43_720;
const maximumPath = 4096;
const maximumAddress = 2000;
const maximumLanguages = 100;

type Reader = (given: Given) => unknown;

const readers = {
  name: (given) => toWord(given, 100),
  logo: toLogo,
  accent: toAccent,
  support: (given) => toAddress(given, ["https:", "http:", "mailto:", "tel:"]),
  statusPage: (given) => toAddress(given, ["https:", "http:"]),
  title: (given) => toOwnWords(given, 200),
  message: (given) => toOwnWords(given, 2000),
} as const satisfies Record<keyof Brand, Reader>;

/**
 * A checked brand, with its accent as `#rrggbb`.
 *
 * @throws IntermissionError `bad-option`
 */
export function toBrandParts(given: Given): Brand {
  const { value, name } = given;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(given, `an object with some of ${Object.keys(readers).join(", ")}`);
  }
  const parts: Partial<Record<keyof Brand, unknown>> = {};
  for (const [part, partValue] of Object.entries(value)) {
    if (!isPart(part)) throw unknownPart(part, name);
    if (partValue !== undefined)
      parts[part] = readers[part]({ value: partValue, name: `${part} in ${name}` });
  }
  return parts as Brand;
}

function isPart(name: string): name is keyof Brand {
  return Object.hasOwn(readers, name);
}

function unknownPart(part: string, where: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: `There is no ${show(part)} in ${where}`,
    expected: `some of ${Object.keys(readers).join(", ")}`,
    remedy: "Correct its spelling or leave it out.",
  });
}

function toWord(given: Given, maximum: number): string {
  const text = typeof given.value === "string" ? given.value.trim() : "";
  if (text === "" || text.length > maximum || unprintable.test(text)) {
    throw bad(given, `1 to ${String(maximum)} characters on one line`);
  }
  return text;
}

function toLogo(given: Given): string {
  const text = typeof given.value === "string" ? given.value.trim() : "";
  if (text.startsWith("data:")) {
    if (text.length <= maximumDataUrl && dataUrl.test(text)) return text;
    throw bad(given, "a data: URL of an image in base64, of at most 32 KiB");
  }
  if (text === "" || text.length > maximumPath || text.includes("\0"))
    throw bad(given, "the path of an image");
  return text;
}

function toAccent(given: Given): string {
  const text = typeof given.value === "string" ? given.value.trim().toLowerCase() : "";
  if (/^#[0-9a-f]{6}$/.test(text)) return text;
  if (/^#[0-9a-f]{3}$/.test(text)) return text.replace(/[0-9a-f]/g, "$&$&");
  throw bad(given, "a colour such as #b3202c or #b22");
}

function toAddress(given: Given, schemes: readonly string[]): string {
  const text = typeof given.value === "string" ? given.value.trim() : "";
  let scheme: string | undefined;
  try {
    if (text.length <= maximumAddress) scheme = new URL(text).protocol;
  } catch {
    // The error below says what is expected.
  }
  if (scheme === undefined || !schemes.includes(scheme)) {
    throw bad(given, `a whole address with ${schemes.join(", ")}`);
  }
  return text;
}

function toOwnWords(given: Given, maximum: number): OwnWords {
  const { value, name } = given;
  if (typeof value === "string") return toWord(given, maximum);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad(given, "a text, or one for each language");
  }
  const entries = Object.entries(value);
  if (entries.length > maximumLanguages) throw bad(given, `at most ${String(maximumLanguages)} languages`);
  return Object.fromEntries(
    entries.map(([tag, text]) => [
      toTag(tag, name),
      toWord({ value: text, name: `${show(tag)} of ${name}` }, maximum),
    ]),
  );
}

function toTag(tag: string, name: string): string {
  try {
    const [language] = Intl.getCanonicalLocales(tag);
    if (language !== undefined) return language;
  } catch {
    // The error below says what is expected.
  }
  throw bad({ value: tag, name: `a language of ${name}` }, "a BCP 47 tag such as en or pt-BR");
}

/**
 * The page's languages, by BCP 47 tag. Listed here so that a setting is checked before the page is loaded.
 */
export const languages = [
  "af",
  "ar",
  "bg",
  "ca",
  "cs",
  "da",
  "de",
  "el",
  "en",
  "es",
  "et",
  "eu",
  "fa",
  "fi",
  "fr",
  "gl",
  "he",
  "hi",
  "hr",
  "hu",
  "id",
  "is",
  "it",
  "ja",
  "ko",
  "lt",
  "lv",
  "mk",
  "ms",
  "nb",
  "nl",
  "nn",
  "pl",
  "pt-BR",
  "pt-PT",
  "ro",
  "ru",
  "sk",
  "sl",
  "sr-Cyrl",
  "sr-Latn",
  "sv",
  "th",
  "tr",
  "uk",
  "ur",
  "vi",
  "zh-Hans",
  "zh-Hant",
] as const;

export type Language = (typeof languages)[number];

export const defaultLanguage: Language = "en";

/**
 * A language setting in any case of letters.
 *
 * @throws IntermissionError `bad-option`
 */
export function toLanguage(given: Given): Language {
  const tag = typeof given.value === "string" ? given.value.trim().toLowerCase() : "";
  const language = languages.find((known) => known.toLowerCase() === tag);
  if (language === undefined) throw bad(given, `one of ${languages.join(", ")}`);
  return language;
}
