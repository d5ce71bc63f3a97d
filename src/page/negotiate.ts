import type { Visit } from "../core/ports.ts";
import { parseAccept, toMediaType, type MediaRange } from "./accept.ts";
import type { Format } from "./format.ts";
import type { Formats } from "./formats/index.ts";

/** What an `Accept` header says about the formats. */
interface Preference {
  /** The format that is named and wanted most. */
  readonly preferred: Format | undefined;
  /** The formats that are refused, or wanted less than anything else. */
  readonly unwanted: readonly Format[];
}

const maximumRemembered = 64;
const maximumRememberedLength = 256;

/**
 * Chooses the format for a visit. It never throws, and always finds one: a page in an unwanted format still says more
 * than none.
 */
export function createNegotiator(formats: Formats): (visit: Visit) => Format {
  const { general } = formats;
  const [html] = general;
  // Few clients send most of the requests, and in a storm of errors each of them sends the same header again and again.
  const remembered = new Map<string, Preference>();

  function remember(accept: string): Preference {
    if (accept.length > maximumRememberedLength) return toPreference(formats, accept);
    const known = remembered.get(accept);
    if (known !== undefined) return known;
    const preference = toPreference(formats, accept);
    if (remembered.size >= maximumRemembered) remembered.clear();
    remembered.set(accept, preference);
    return preference;
  }

  return function chooseFormat(visit) {
    const { preferred, unwanted } = remember(visit.accept ?? "");
    if (visit.htmxRequest?.trim() === "true" && (preferred ?? html) === html) {
      // It puts the answer into a part of its page, but for links and forms that it boosts: those replace the whole.
      return visit.htmxBoosted?.trim() === "true" ? html : formats.fragment;
    }
    if (preferred !== undefined) return preferred;
    return [bySigns(formats, visit), ...general].find((format) => !unwanted.includes(format)) ?? html;
  };
}

function toPreference({ named }: Formats, accept: string): Preference {
  const ranges = parseAccept(accept);
  const anything = ranges.find((range) => range.mediaType === "*/*")?.quality ?? 0;
  const wishes = named.map((format) => toWish(format, named, ranges)).filter((wish) => wish !== undefined);
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
function toWish(format: Format, named: readonly Format[], ranges: readonly MediaRange[]): Wish | undefined {
  const naming = ranges.filter(({ mediaType }) =>
    mediaType.endsWith("/*") ? format.mediaTypes.test(mediaType) : ownerOf(mediaType, named) === format,
  );
  if (naming.length === 0) return undefined;
  const inFull = naming.filter((range) => !range.mediaType.endsWith("/*"));
  const exact = inFull.length > 0;
  const quality = Math.max(...(exact ? inFull : naming).map((range) => range.quality));
  return { format, quality, exact };
}

function ownerOf(mediaType: string, named: readonly Format[]): Format | undefined {
  return named.find(({ mediaTypes }) => mediaTypes.test(mediaType));
}

function isBetter(one: Wish, other: Wish): boolean {
  return one.quality > other.quality || (one.quality === other.quality && one.exact && !other.exact);
}

/** What the visit looks like, where `Accept` does not say. */
function bySigns(
  { named, general, script }: Formats,
  { fetchDestination, requestedWith, failedContentType }: Visit,
): Format {
  const destination = fetchDestination?.trim().toLowerCase();
  if (destination !== undefined) {
    const format = named.find(({ destinations }) => destinations.includes(destination));
    if (format !== undefined) return format;
  }
  if (requestedWith?.trim().toLowerCase() === "xmlhttprequest") return script;
  if (failedContentType !== undefined) {
    const format = ownerOf(toMediaType(failedContentType), named);
    if (format !== undefined) return format;
  }
  return general[0];
}
