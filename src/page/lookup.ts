import type { LanguageRange } from "./accept.ts";

/** What the first subtag of a range stands for, where that is another language here. */
export const standIns: ReadonlyMap<string, string> = new Map([
  // Renamed, or part of the other (IANA language subtag registry).
  ["iw", "he"],
  ["in", "id"],
  ["mo", "ro"],
  ["sh", "sr-Latn"],
  ["cmn", "zh"],
  ["prs", "fa"],
  ["no", "nb"],
  // At home in the other one (CLDR, languageInfo.xml).
  ["bs", "hr"],
]);

/** Portuguese is European there, although the likely country of `pt` is Brazil (CLDR, parentLocales). */
export const europeanPortuguese: ReadonlySet<string> = new Set([
  "AO",
  "CH",
  "CV",
  "FR",
  "GQ",
  "GW",
  "LU",
  "MO",
  "MZ",
  "ST",
  "TL",
]);

/**
 * Makes the choice among tags: RFC 4647 3.4 (lookup), where a tag that is shortened is filled up again with its likely
 * subtags (UTS 35), so that `zh-TW` finds `zh-Hant` and `sr` finds `sr-Cyrl`.
 *
 * @returns For what a visitor understands, the tag to use; `undefined` if there is none. Never throws.
 */
export function createLookup<Tag extends string>(
  tags: readonly Tag[],
): (ranges: readonly LanguageRange[]) => Tag | undefined {
  const variants = new Map<string, Tag[]>();
  for (const tag of tags) {
    const language = firstSubtag(tag);
    variants.set(language, [...(variants.get(language) ?? []), tag]);
  }

  return function lookUp(ranges) {
    const wanted = ranges.filter(({ quality }) => quality > 0);
    for (const { range } of wanted.sort((one, other) => other.quality - one.quality)) {
      const first = firstSubtag(range);
      const tag = (standIns.get(first) ?? first) + range.slice(first.length);
      const found = variants.get(firstSubtag(tag));
      // Likely subtags cost more than all the rest, and few languages need them: so a header costs them once at most.
      if (found !== undefined) return found.length === 1 ? found[0] : nearest(tag, found);
    }
    return undefined;
  };
}

function firstSubtag(tag: string): string {
  return (tag.split("-", 1)[0] ?? "").toLowerCase();
}

/** Of the variants of a language, the one that a tag of this language is nearest to. */
function nearest<Tag extends string>(wanted: string, tags: readonly Tag[]): Tag | undefined {
  const byFullTag = new Map(tags.map((tag) => [toFullTag(tag), tag]));
  return toShorterTags(wanted)
    .map((tag) => byFullTag.get(toFullTag(tag)))
    .find((tag) => tag !== undefined);
}

function toShorterTags(tag: string): readonly string[] {
  const language = firstSubtag(tag);
  let full;
  try {
    full = new Intl.Locale(tag).maximize();
  } catch {
    return [language];
  }
  const { script = "", region = "" } = full;
  const parent = language === "pt" && europeanPortuguese.has(region) ? ["pt-PT"] : [];
  return [`${language}-${script}-${region}`, ...parent, `${language}-${script}`, language];
}

function toFullTag(tag: string): string {
  const { language, script = "", region = "" } = new Intl.Locale(tag).maximize();
  return `${language}-${script}-${region}`;
}
