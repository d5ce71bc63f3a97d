import { remember } from "../core/bounded-map.ts";
import {
  defaultLanguage,
  type Language,
  type PageFormat,
  type PageView,
  type ThemeName,
} from "../core/settings/page-options.ts";
import type { Notice } from "../core/state/manual.ts";
import type { Page, PageCause, PageRequest } from "../core/ports.ts";
import { pageStatus, type StatusCode } from "../core/decide.ts";
import { withAccent } from "./accent.ts";
import { toLinks, withOwnWords, type Brand } from "./brand.ts";
import { inCodings } from "./codings.ts";
import { chooseMessages } from "./choose-messages.ts";
import { callRender, toFormat } from "./custom-format.ts";
import { customPolicy } from "./custom-policy.ts";
import type { Content, Format } from "./format.ts";
import { createHtml } from "./formats/html/index.ts";
import { createFormats, type Formats } from "./formats/index.ts";
import { toParagraphs } from "./messages.ts";
import { prepareOnce, type Wish } from "./prepared.ts";
import { themes } from "./themes/index.ts";
import { parseAccept, toMediaType, type MediaRange } from "./accept.ts";

export type { Brand } from "./brand.ts";
export { loadLanguages } from "./choose-messages.ts";
export { compileTemplate } from "./template.ts";

export interface PageSettings {
  readonly statusCode: StatusCode;
  /** Seconds after which visitors should try again. */
  readonly retryAfter: number;
  /** For visitors who ask for no supported language. @default en */
  readonly language?: Language | undefined;
  readonly theme?: ThemeName | undefined;
  /** Its logo is a `data:` URL, its accent `#rrggbb`. */
  readonly brand?: Brand | undefined;
  /** Formats in addition to the built-in ones. */
  readonly formats?: readonly PageFormat[] | undefined;
  /**
   * The renderer that replaces a format's built-in body, by the format's name. Called for each visitor who
   * gets it.
   */
  readonly templateFor?: ((format: string) => ((view: PageView) => string) | undefined) | undefined;
  /** Called when the operator's template or format fails. The visitor then gets the built-in one. */
  readonly onFailure: (error: unknown) => void;
  /** Called at once if an accent is too pale for a light screen, with the colour shown instead. */
  readonly onAccent?: ((accent: string, shown: string) => void) | undefined;
}

const longestRetryAfter = 86_400;

/** The page for each request, from bodies prepared once. Never throws. */
export function createPages(
  settings: PageSettings,
): (request: PageRequest, cause?: PageCause, notice?: Notice) => Page {
  const { language = defaultLanguage, templateFor, onFailure, formats: others = [] } = settings;
  const html = toHtml(settings);
  const builtIn = createNegotiator(createFormats(html));
  const negotiate =
    others.length === 0 ? builtIn : createNegotiator(createFormats(html, others.map(toFormat)));
  const prepare = prepareOnce((format, wish): Prepared => {
    const content = toContent(settings, wish);
    const page = toPage(content, wish.cause, format, format.render(content));
    return { format, content, pageIn: inCodings(page) };
  });

  function prepareNegotiated(request: PageRequest, wish: Wish): Prepared {
    try {
      return prepare(negotiate(request), wish);
    } catch (error) {
      tell(onFailure, error);
      return prepare(builtIn(request), wish);
    }
  }

  return function pageFor(request, cause = "deploy", notice = {}) {
    const repeatable = request.method === "GET" || request.method === "HEAD";
    const messages = chooseMessages(request.acceptLanguage ?? "", language);
    const status = pageStatus(settings.statusCode, cause, request.failedStatus);
    const wish = { messages, repeatable, cause, notice, status };
    const { format, content, pageIn } = prepareNegotiated(request, wish);
    const template = templateFor?.(format.name);
    if (template === undefined) return pageIn(request.acceptEncoding);
    try {
      const contentSecurityPolicy = format === html ? customPolicy : format.contentSecurityPolicy;
      return toPage(content, cause, { ...format, contentSecurityPolicy }, callRender(template, content));
    } catch (error) {
      tell(onFailure, error);
      return pageIn(request.acceptEncoding);
    }
  };
}

function toHtml({ theme: name = "default", brand = {}, onAccent }: PageSettings): Format {
  const theme = themes[name];
  const { accent } = brand;
  if (accent === undefined) return createHtml(theme, brand);
  const themed = withAccent(theme, accent);
  // No colour is readable on both light and dark, so only a change on a light screen is worth reporting.
  if (themed.light.accent !== accent) onAccent?.(accent, themed.light.accent);
  return createHtml(themed, brand);
}

interface Prepared {
  readonly format: Format;
  readonly content: Content;
  /** By the request's `Accept-Encoding`. A template's result varies, so it is sent uncompressed. */
  readonly pageIn: (acceptEncoding: string | undefined) => Page;
}

const encoder = new TextEncoder();

function toContent(settings: PageSettings, { messages, repeatable, notice, status }: Wish): Content {
  const { brand = {} } = settings;
  const own = withOwnWords(messages, brand);
  const { message: explanation = own.explanation, backIn = settings.retryAfter } = notice;
  const paragraphs = toParagraphs({ ...own, explanation }, backIn, repeatable);
  return {
    status,
    retryAfter: Math.min(backIn, longestRetryAfter),
    language: messages.language,
    title: own.title,
    message: paragraphs.join(" "),
    paragraphs,
    repeatable,
    messages,
    links: toLinks(brand, messages),
  };
}

function toPage(
  content: Content,
  cause: PageCause,
  { contentType, contentSecurityPolicy }: Pick<Format, "contentType" | "contentSecurityPolicy">,
  body: string,
): Page {
  return {
    status: content.status,
    headers: {
      "content-type": contentType,
      "content-language": content.language,
      "retry-after": String(content.retryAfter),
      "cache-control": "no-store",
      // Sec-Fetch-Dest and X-Requested-With matter too, but only a storable response must name everything it
      // was chosen by (RFC 9110 12.5.5).
      vary: "Accept, Accept-Language",
      "content-security-policy": contentSecurityPolicy,
      "x-content-type-options": "nosniff",
      // Tells clients and monitors the page from a real failure, and why it is shown.
      "x-maintenance": cause,
    },
    body: encoder.encode(body),
  };
}

function tell(onFailure: (error: unknown) => void, error: unknown): void {
  try {
    onFailure(error);
  } catch {
    // The page is sent even if reporting fails.
  }
}

/** What an `Accept` header says about the formats. */
interface Preference {
  /** The named format with the highest quality. */
  readonly preferred: Format | undefined;
  /** Formats that are refused, or wanted less than anything else. */
  readonly unwanted: readonly Format[];
}

/**
 * Chooses the format for a request. Never throws and always finds one: a page in an unwanted format says more
 * than none.
 */
export function createNegotiator(formats: Formats): (request: PageRequest) => Format {
  const { general } = formats;
  const [html] = general;
  const preferenceOf = remember((accept) => toPreference(formats, accept), { maximum: 64, longest: 256 });

  return function chooseFormat(request) {
    const { preferred, unwanted } = preferenceOf(request.accept ?? "");
    if (request.htmxRequest?.trim() === "true" && (preferred ?? html) === html) {
      // htmx puts the answer into a part of its page, except for boosted links and forms, which replace all
      // of it.
      return request.htmxBoosted?.trim() === "true" ? html : formats.fragment;
    }
    if (preferred !== undefined) return preferred;
    return [bySigns(formats, request), ...general].find((format) => !unwanted.includes(format)) ?? html;
  };
}

function toPreference({ named }: Formats, accept: string): Preference {
  const ranges = parseAccept(accept);
  const anything = ranges.find((range) => range.mediaType === "*/*")?.quality ?? 0;
  const wishes = named.map((format) => toWish(format, named, ranges)).filter((wish) => wish !== undefined);
  const isWanted = (wish: Candidate): boolean => wish.quality > 0 && wish.quality >= anything;
  const [best, ...others] = wishes.filter(isWanted);
  const preferred = others.reduce((first, next) => (first && isBetter(next, first) ? next : first), best);
  return {
    preferred: preferred?.format,
    unwanted: wishes.filter((wish) => !isWanted(wish)).map((wish) => wish.format),
  };
}

/** What a visitor said about one format. */
interface Candidate {
  readonly format: Format;
  readonly quality: number;
  /** The type was named in full, not as `text/*`. */
  readonly exact: boolean;
}

/** `undefined`: the format is not named. The full wildcard names none: every browser and script sends it. */
function toWish(
  format: Format,
  named: readonly Format[],
  ranges: readonly MediaRange[],
): Candidate | undefined {
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

function isBetter(one: Candidate, other: Candidate): boolean {
  return one.quality > other.quality || (one.quality === other.quality && one.exact && !other.exact);
}

/** What other headers suggest if `Accept` does not decide. */
function bySigns(
  { named, general, script }: Formats,
  { fetchDestination, requestedWith, failedContentType }: PageRequest,
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
