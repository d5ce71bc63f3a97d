import {
  languages,
  themeNames,
  type Language,
  type ThemeName,
} from "../../src/core/settings/page-options.ts";
import { createHtml } from "../../src/page/formats/html/index.ts";
import { allMessages } from "../../src/page/languages/index.ts";
import { toParagraphs } from "../../src/page/messages.ts";
import { themes } from "../../src/page/themes/index.ts";

/** Seconds, as in `Retry-After`. */
const retryAfter = 60;

export interface ShownLanguage {
  readonly tag: Language;
  /** In the language itself. */
  readonly name: string;
  readonly english: string;
  readonly direction: "ltr" | "rtl";
  readonly title: string;
}

export const shownThemes: readonly ThemeName[] = themeNames;

export function listLanguages(): readonly ShownLanguage[] {
  const english = new Intl.DisplayNames("en", { type: "language" });
  return languages.map((tag) => {
    const { title, direction } = allMessages[tag];
    const own = new Intl.DisplayNames(tag, { type: "language" }).of(tag) ?? tag;
    return { tag, name: own, english: english.of(tag) ?? tag, direction, title };
  });
}

/** Where a page is on the site. */
export const toShownPath = (theme: ThemeName, tag: Language): string => `shown/${theme}/${tag}.html`;

/**
 * The page as a visitor gets it, by the code that makes it for them. Only its script is left out: it would
 * find that "the site" answers, and reload.
 */
export function renderShown(theme: ThemeName, tag: Language): string {
  const messages = allMessages[tag];
  const paragraphs = toParagraphs(messages, retryAfter, true);
  const format = createHtml(themes[theme], {});
  const html = format.render({
    status: 503,
    retryAfter,
    language: messages.language,
    title: messages.title,
    message: paragraphs.join(" "),
    paragraphs,
    repeatable: true,
    messages,
    links: [],
  });
  const policy = format.contentSecurityPolicy
    .split("; ")
    // A meta element can't have it.
    .filter((rule) => !rule.startsWith("frame-ancestors"))
    .join("; ");
  return html
    .replace(/<script>[\s\S]*?<\/script>/, "")
    .replace('<p role="status"></p>', `<p role="status">${messages.waiting}</p>`)
    .replace(
      '<meta charset="utf-8">',
      `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    );
}

/** By path on the site. */
export function renderAllShown(): ReadonlyMap<string, string> {
  return new Map(
    themeNames.flatMap((theme) =>
      languages.map((tag): [string, string] => [toShownPath(theme, tag), renderShown(theme, tag)]),
    ),
  );
}
