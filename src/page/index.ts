import type { PageView } from "../core/options.ts";
import type { Page, Visit } from "../core/ports.ts";
import { customPolicy } from "./custom-policy.ts";
import type { Content, Format } from "./format.ts";
import { defaultFormat } from "./formats/index.ts";
import { chooseMessages } from "./languages/index.ts";
import { toParagraphs, type Messages } from "./messages.ts";
import { chooseFormat } from "./negotiate.ts";

export { compileTemplate } from "./template.ts";

export interface PageSettings {
  /** The status that is sent, 400 to 599. */
  readonly statusCode: number;
  /** Seconds after which visitors are asked to come back. */
  readonly retryAfter: number;
  /** Makes the HTML page in place of the built-in one. Called for each visit that gets HTML. */
  readonly template?: ((view: PageView) => string) | undefined;
  /** Told each time the template fails. The visitor then gets the built-in page. */
  readonly onFailure: (error: unknown) => void;
}

/** The page for each visit, from bodies that are prepared once. Never throws. */
export function createPages(settings: PageSettings): (visit: Visit) => Page {
  const { template, onFailure } = settings;
  const prepared = new Map<string, Prepared>();

  function prepare(format: Format, messages: Messages, repeatable: boolean): Prepared {
    const key = `${format.name} ${messages.language} ${String(repeatable)}`;
    const known = prepared.get(key);
    if (known !== undefined) return known;
    const content = toContent(settings, messages, repeatable);
    const body = format.render(content);
    const made = { content, page: toPage(content, format.contentType, format.contentSecurityPolicy, body) };
    prepared.set(key, made);
    return made;
  }

  return function pageFor(visit) {
    const format = chooseFormat(visit);
    const repeatable = visit.method === "GET" || visit.method === "HEAD";
    const { content, page } = prepare(format, chooseMessages(), repeatable);
    if (template === undefined || format !== defaultFormat) return page;
    try {
      const body = fromTemplate(template, content);
      return toPage(content, format.contentType, customPolicy, body);
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

const encoder = new TextEncoder();

function toContent(
  { statusCode, retryAfter }: PageSettings,
  messages: Messages,
  repeatable: boolean,
): Content {
  const paragraphs = toParagraphs(messages, retryAfter, repeatable);
  return {
    status: statusCode,
    retryAfter,
    language: messages.language,
    title: messages.title,
    message: paragraphs.join(" "),
    paragraphs,
    repeatable,
    messages,
  };
}

function toPage(content: Content, contentType: string, contentSecurityPolicy: string, body: string): Page {
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
