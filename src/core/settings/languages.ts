import { bad, type Given } from "./given.ts";

/** The languages of the page, by their BCP 47 tags. They stand here so that a setting is checked before the page is loaded. */
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
 * The language of a setting, whatever the case of its letters.
 *
 * @throws IntermissionError `bad-option`
 */
export function toLanguage(given: Given): Language {
  const tag = typeof given.value === "string" ? given.value.trim().toLowerCase() : "";
  const language = languages.find((known) => known.toLowerCase() === tag);
  if (language === undefined) throw bad(given, `one of ${languages.join(", ")}`);
  return language;
}
