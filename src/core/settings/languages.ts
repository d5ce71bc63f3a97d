import { IntermissionError, show } from "../errors.ts";

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
 * @param given The value and where it stood, so that the message can name it.
 * @throws IntermissionError `bad-option`
 */
export function parseLanguage(
  given: { readonly value: unknown; readonly name: string } | undefined,
): Language {
  if (given === undefined) return defaultLanguage;
  const tag = typeof given.value === "string" ? given.value.trim().toLowerCase() : "";
  const language = languages.find((known) => known.toLowerCase() === tag);
  if (language !== undefined) return language;
  throw new IntermissionError("bad-option", {
    problem: `The value of ${given.name} can't be used`,
    expected: `one of ${languages.join(", ")}`,
    got: show(given.value),
    remedy: `Leave it out for ${defaultLanguage}.`,
  });
}
