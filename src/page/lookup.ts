import type { LanguageRange } from "./accept.ts";

/** Languages without a file of their own whose readers are at home in another one (CLDR, languageInfo.xml). */
const standIns: ReadonlyMap<string, string> = new Map([
  ["no", "nb"],
  ["bs", "hr"],
]);

/** Portuguese is European there, although the likely country of `pt` is Brazil (CLDR, parentLocales). */
const europeanPortuguese = new Set(["AO", "CH", "CV", "FR", "GQ", "GW", "LU", "MO", "MZ", "ST", "TL"]);

/**
 * Makes the choice among tags: RFC 4647 3.4 (lookup), where a tag that is shortened is filled up again with its likely
 * subtags (UTS 35), so that `zh-TW` finds `zh-Hant` and `sr` finds `sr-Cyrl`.
 *
 * @returns For what a visitor understands, the tag to use; `undefined` if there is none. Never throws.
 */
export function createLookup<Tag extends string>(
  tags: readonly Tag[],
): (ranges: readonly LanguageRange[]) => Tag | undefined {
  const byFullTag = new Map(tags.map((tag) => [new Intl.Locale(tag).maximize().toString(), tag]));

  return function lookUp(ranges) {
    const wanted = ranges.filter(({ quality }) => quality > 0);
    for (const { range } of wanted.sort((one, other) => other.quality - one.quality)) {
      for (const fullTag of toFullTags(range)) {
        const tag = byFullTag.get(fullTag);
        if (tag !== undefined) return tag;
      }
    }
    return undefined;
  };
}

/** What a range stands for, the nearest first. Nothing for `*` and for what is no tag. */
function toFullTags(range: string): readonly string[] {
  let locale;
  try {
    locale = new Intl.Locale(range).maximize();
  } catch {
    return [];
  }
  const { script, region } = locale;
  const language = standIns.get(locale.language) ?? locale.language;
  const parts = [language, script, region].filter((part) => part !== undefined);
  const shorter = [`${language}${script === undefined ? "" : `-${script}`}`, language];
  if (language === "pt" && region !== undefined && europeanPortuguese.has(region)) shorter.unshift("pt-PT");
  return [parts.join("-"), ...shorter.map((tag) => new Intl.Locale(tag).maximize().toString())];
}
