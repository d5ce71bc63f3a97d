import type { Visit } from "../core/ports.ts";
import { parseAccept, toMediaType, type MediaRange } from "./accept.ts";
import type { Format } from "./format.ts";
import { defaultFormat, formats, scriptFormat } from "./formats/index.ts";

/** The format for a visit. Never throws, and always finds one: a page in an unwanted format still says more than none. */
export function chooseFormat(visit: Visit): Format {
  const { preferred, unwanted } = remember(visit.accept ?? "");
  if (preferred !== undefined) return preferred;
  return [bySigns(visit), ...formats].find((format) => !unwanted.includes(format)) ?? defaultFormat;
}

/** What an `Accept` header says about our formats. */
interface Preference {
  /** The format that is named and wanted most. */
  readonly preferred: Format | undefined;
  /** The formats that are refused, or wanted less than anything else. */
  readonly unwanted: readonly Format[];
}

// Few clients send most of the requests, and in a storm of errors each of them sends the same header again and again.
const remembered = new Map<string, Preference>();
const maximumRemembered = 64;
const maximumRememberedLength = 256;

function remember(accept: string): Preference {
  if (accept.length > maximumRememberedLength) return toPreference(accept);
  const known = remembered.get(accept);
  if (known !== undefined) return known;
  const preference = toPreference(accept);
  if (remembered.size >= maximumRemembered) remembered.clear();
  remembered.set(accept, preference);
  return preference;
}

function toPreference(accept: string): Preference {
  const ranges = parseAccept(accept);
  const anything = ranges.find((range) => range.mediaType === "*/*")?.quality ?? 0;
  const wishes = formats.map((format) => toWish(format, ranges)).filter((wish) => wish !== undefined);
  const isWanted = (wish: Wish): boolean => wish.quality > 0 && wish.quality >= anything;
  const [best, ...others] = wishes.filter(isWanted);
  const preferred = others.reduce((first, next) => (first && isBetter(next, first) ? next : first), best);
  return {
    preferred: preferred?.format,
    unwanted: wishes.filter((wish) => !isWanted(wish)).map((wish) => wish.format),
  };
}

/** What a visitor said about one format. */
interface Wish {
  readonly format: Format;
  readonly quality: number;
  /** The type was named in full, not as `text/*`. */
  readonly exact: boolean;
}

/** `undefined` if the format is not named. The full wildcard names none: every browser and every script sends it. */
function toWish(format: Format, ranges: readonly MediaRange[]): Wish | undefined {
  const naming = ranges.filter((range) => format.mediaTypes.test(range.mediaType));
  if (naming.length === 0) return undefined;
  const inFull = naming.filter((range) => !range.mediaType.endsWith("/*"));
  const exact = inFull.length > 0;
  const quality = Math.max(...(exact ? inFull : naming).map((range) => range.quality));
  return { format, quality, exact };
}

function isBetter(one: Wish, other: Wish): boolean {
  return one.quality > other.quality || (one.quality === other.quality && one.exact && !other.exact);
}

/** What the visit looks like, where `Accept` does not say. */
function bySigns({ fetchDestination, requestedWith, failedContentType }: Visit): Format {
  const destination = fetchDestination?.trim().toLowerCase();
  if (destination !== undefined) {
    const format = formats.find(({ destinations }) => destinations.includes(destination));
    if (format !== undefined) return format;
  }
  if (requestedWith?.trim().toLowerCase() === "xmlhttprequest") return scriptFormat;
  if (failedContentType !== undefined) {
    const mediaType = toMediaType(failedContentType);
    const format = formats.find(({ mediaTypes }) => mediaTypes.test(mediaType));
    if (format !== undefined) return format;
  }
  return defaultFormat;
}
