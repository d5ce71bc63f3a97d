/** All texts a visitor can see, in one language. */
export interface Messages {
  /** BCP 47 tag: `Content-Language` and `<html lang>`. */
  readonly language: string;
  readonly direction: "ltr" | "rtl";
  readonly title: string;
  /** What happened, and that it is not the visitor's fault. */
  readonly explanation: string;
  /**
   * For a visitor who sent something (any method but GET and HEAD): what may have happened to it, and what to
   * do.
   */
  readonly unsaved: string;
  /** @param when A relative time in the same language, such as "in 1 minute". */
  comeBack(when: string): string;
  /** The link that requests the page again. */
  readonly tryAgain: string;
  /** The button back to the page from which something was sent. */
  readonly goBack: string;
  /** The live line while the page checks whether the site is back. */
  readonly waiting: string;
  /** The live line just before the page reloads. */
  readonly ready: string;
  /** The live line while the visitor is offline. */
  readonly offline: string;
  /** The live line after too many reloads, once the page has stopped checking. */
  readonly stopped: string;
  /** The link to the people behind the site. */
  readonly contact: string;
  /** The link to the status page. */
  readonly statusPage: string;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * What to tell a visitor, one thought per paragraph.
 *
 * @param backIn Seconds after which to try again.
 */
export function toParagraphs(messages: Messages, backIn: number, repeatable: boolean): readonly string[] {
  const comeBack = messages.comeBack(toRelativeTime(messages.language, backIn));
  return repeatable ? [messages.explanation, comeBack] : [messages.explanation, messages.unsaved, comeBack];
}

/** "in 30 seconds", "in 2 minutes": rounded up, so that nobody returns too early. */
function toRelativeTime(language: string, seconds: number): string {
  const format = formatOf(language);
  if (seconds < minute) return format.format(seconds, "second");
  if (seconds < 2 * hour) return format.format(Math.ceil(seconds / minute), "minute");
  if (seconds < 2 * day) return format.format(Math.ceil(seconds / hour), "hour");
  return format.format(Math.ceil(seconds / day), "day");
}

// Creating one costs as much as the rest of a page, and with an expected return, each second has new pages.
const formats = new Map<string, Intl.RelativeTimeFormat>();

function formatOf(language: string): Intl.RelativeTimeFormat {
  let format = formats.get(language);
  if (format === undefined) {
    format = new Intl.RelativeTimeFormat(language, { numeric: "always" });
    formats.set(language, format);
  }
  return format;
}
