import { defaultLanguage, type Language } from "../core/languages.ts";
import type { Notice } from "../core/notice.ts";
import type { PageView } from "../core/options.ts";
import type { Page, PageCause, Visit } from "../core/ports.ts";
import { chooseMessages } from "./choose-messages.ts";
import { customPolicy } from "./custom-policy.ts";
import type { Content, Format } from "./format.ts";
import { defaultFormat } from "./formats/index.ts";
import { toParagraphs, type Messages } from "./messages.ts";
import { chooseFormat } from "./negotiate.ts";

export { loadLanguages } from "./choose-messages.ts";
export { compileTemplate } from "./template.ts";

export interface PageSettings {
  /** The status that is sent, 400 to 599. */
  readonly statusCode: number;
  /** Seconds after which visitors are asked to come back. */
  readonly retryAfter: number;
  /** For visitors who ask for none that there is. @default en */
  readonly language?: Language | undefined;
  /** Makes the HTML page in place of the built-in one. Called for each visit that gets HTML. */
  readonly template?: ((view: PageView) => string) | undefined;
  /** Told each time the template fails. The visitor then gets the built-in page. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * A dozen languages in every format, and about 2 MiB where all of them are HTML. Not the number of all combinations:
 * when somebody is expected back, each second makes new ones.
 */
const mostPrepared = 256;

const longestRetryAfter = 86_400;

/** The page for each visit, from bodies that are prepared once. Never throws. */
export function createPages(
  settings: PageSettings,
): (visit: Visit, cause?: PageCause, notice?: Notice) => Page {
  const { language = defaultLanguage, template, onFailure } = settings;
  const prepared = new Map<string, Prepared>();

  function prepare(format: Format, wish: Wish): Prepared {
    const { messages, repeatable, cause, notice } = wish;
    const { message = "", backIn = "" } = notice;
    const key = `${format.name} ${messages.language} ${String(repeatable)} ${cause} ${String(backIn)} ${message}`;
    const known = prepared.get(key);
    if (known !== undefined) return known;
    const content = toContent(settings, wish);
    const body = format.render(content);
    const page = toPage(content, cause, format.contentType, format.contentSecurityPolicy, body);
    const made = { content, page };
    const [oldest] = prepared.keys();
    if (prepared.size >= mostPrepared && oldest !== undefined) prepared.delete(oldest);
    prepared.set(key, made);
    return made;
  }

  return function pageFor(visit, cause = "deploy", notice = {}) {
    const format = chooseFormat(visit);
    const repeatable = visit.method === "GET" || visit.method === "HEAD";
    const messages = chooseMessages(visit.acceptLanguage ?? "", language);
    const { content, page } = prepare(format, { messages, repeatable, cause, notice });
    if (template === undefined || format !== defaultFormat) return page;
    try {
      const body = fromTemplate(template, content);
      return toPage(content, cause, format.contentType, customPolicy, body);
    } catch (error) {
      tell(onFailure, error);
      return page;
    }
  };
}

interface Prepared {
  readonly content: Content;
  readonly page: Page;
}

/** What a page depends on, beside its format. */
interface Wish {
  readonly messages: Messages;
  readonly repeatable: boolean;
  readonly cause: PageCause;
  readonly notice: Notice;
}

const encoder = new TextEncoder();

function toContent(settings: PageSettings, { messages, repeatable, notice }: Wish): Content {
  const { message: explanation = messages.explanation, backIn = settings.retryAfter } = notice;
  const paragraphs = toParagraphs({ ...messages, explanation }, backIn, repeatable);
  return {
    status: settings.statusCode,
    retryAfter: Math.min(backIn, longestRetryAfter),
    language: messages.language,
    title: messages.title,
    message: paragraphs.join(" "),
    paragraphs,
    repeatable,
    messages,
  };
}

function toPage(
  content: Content,
  cause: PageCause,
  contentType: string,
  contentSecurityPolicy: string,
  body: string,
): Page {
  return {
    status: content.status,
    headers: {
      "content-type": contentType,
      "content-language": content.language,
      "retry-after": String(content.retryAfter),
      "cache-control": "no-store",
      // Sec-Fetch-Dest and X-Requested-With count too, but only a response that may be stored has to name all that it
      // was chosen by (RFC 9110 12.5.5).
      vary: "Accept, Accept-Language",
      "content-security-policy": contentSecurityPolicy,
      "x-content-type-options": "nosniff",
      // By this a client or a monitor tells the page from a breakdown, and why it is there.
      "x-maintenance": cause,
    },
    body: encoder.encode(body),
  };
}

function fromTemplate(template: (view: PageView) => unknown, content: Content): string {
  const { status, retryAfter, language, title, message } = content;
  const made = template({ status, retryAfter, language, title, message });
  if (typeof made === "string") return made;
  // Nobody waits for the promise of an async template, so its rejection would end the process.
  void Promise.resolve(made).catch(() => undefined);
  throw new TypeError("The template made no text. It must return the HTML as a string, at once.");
}

function tell(onFailure: (error: unknown) => void, error: unknown): void {
  try {
    onFailure(error);
  } catch {
    // The page goes out whatever becomes of the message about it.
  }
}
