/** All texts that a visitor can meet, in one language. */
export interface Messages {
  /** BCP 47 tag: `Content-Language` and `<html lang>`. */
  readonly language: string;
  readonly direction: "ltr" | "rtl";
  readonly title: string;
  /** What happened, and that the visitor did not cause it. */
  readonly explanation: string;
  /** To a visitor who sent something (any method but GET and HEAD): what may have become of it, and what to do. */
  readonly unsaved: string;
  /** @param when A relative time of the same language, such as "in 1 minute". */
  comeBack(when: string): string;
  /** The link that asks for the page again. */
  readonly tryAgain: string;
  /** The button that returns to the page from which something was sent. */
  readonly goBack: string;
  /** The live line, while the page asks by itself whether the site is back. */
  readonly waiting: string;
  /** The live line, just before the page is loaded again. */
  readonly ready: string;
  /** The live line, while the visitor's device has no network. */
  readonly offline: string;
  /** The live line, after the page came back too often and has stopped asking by itself. */
  readonly stopped: string;
  /** The link to the people behind the site. */
  readonly contact: string;
  /** The link to the page that says what works and what does not. */
  readonly statusPage: string;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * What there is to say to a visitor, one thought a paragraph.
 *
 * @param backIn Seconds until it is worth coming back.
 */
export function toParagraphs(messages: Messages, backIn: number, repeatable: boolean): readonly string[] {
  const comeBack = messages.comeBack(toRelativeTime(messages.language, backIn));
  return repeatable ? [messages.explanation, comeBack] : [messages.explanation, messages.unsaved, comeBack];
}

/** "in 30 seconds", "in 2 minutes": rounded up, so that nobody comes too early. */
function toRelativeTime(language: string, seconds: number): string {
  const format = formatOf(language);
  if (seconds < minute) return format.format(seconds, "second");
  if (seconds < 2 * hour) return format.format(Math.ceil(seconds / minute), "minute");
  if (seconds < 2 * day) return format.format(Math.ceil(seconds / hour), "hour");
  return format.format(Math.ceil(seconds / day), "day");
}

// To make one costs as much as the rest of a page, and while the site is expected back, each second has new pages.
const formats = new Map<string, Intl.RelativeTimeFormat>();

function formatOf(language: string): Intl.RelativeTimeFormat {
  let format = formats.get(language);
  if (format === undefined) {
    format = new Intl.RelativeTimeFormat(language, { numeric: "always" });
    formats.set(language, format);
  }
  return format;
}
