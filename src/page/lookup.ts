import type { LanguageRange } from "./accept.ts";

/** A supported language for a first subtag that is not supported itself. */
export const standIns: ReadonlyMap<string, string> = new Map([
  // Renamed, or part of the other (IANA language subtag registry).
  ["iw", "he"],
  ["in", "id"],
  ["mo", "ro"],
  ["sh", "sr-Latn"],
  ["cmn", "zh"],
  ["prs", "fa"],
  ["no", "nb"],
  // Understood where the first is spoken (CLDR, languageInfo.xml).
  ["bs", "hr"],
]);

/** Where Portuguese is European, although the likely country of `pt` is Brazil (CLDR, parentLocales). */
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
 * Chooses among tags: RFC 4647 3.4 (lookup). A shortened tag gets its likely subtags back (UTS 35), so that
 * `zh-TW` finds `zh-Hant` and `sr` finds `sr-Cyrl`.
 *
 * @returns The tag for a visitor's language; `undefined` if there is none. Never throws.
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
      // Likely subtags cost more than all the rest, and few languages need them, so compute them once per
      // header at most.
      if (found !== undefined) return found.length === 1 ? found[0] : nearest(tag, found);
    }
    return undefined;
  };
}

function firstSubtag(tag: string): string {
  return (tag.split("-", 1)[0] ?? "").toLowerCase();
}

/** The language variant nearest to a tag. */
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
