import type { Brand, OwnWords } from "../core/settings/page-options.ts";
import { markup, type Markup } from "./template.ts";
import type { Messages } from "./messages.ts";

export type { Brand } from "../core/settings/page-options.ts";

export interface BrandLink {
  readonly label: string;
  readonly address: string;
}

/** Links to help, in the page's language. */
export function toLinks({ support, statusPage }: Brand, messages: Messages): readonly BrandLink[] {
  return [
    ...(statusPage === undefined ? [] : [{ label: messages.statusPage, address: statusPage }]),
    ...(support === undefined ? [] : [{ label: messages.contact, address: support }]),
  ];
}

/** The page's texts, with the brand's title and message if it has them in that language. */
export function withOwnWords(messages: Messages, { title, message }: Brand): Messages {
  return {
    ...messages,
    title: wordsIn(messages.language, title) ?? messages.title,
    explanation: wordsIn(messages.language, message) ?? messages.explanation,
  };
}

/** Lookup as in RFC 4647 section 3.4: `pt-BR`, then `pt`. */
function wordsIn(language: string, words: OwnWords | undefined): string | undefined {
  if (words === undefined || typeof words === "string") return words;
  for (let tag = language; tag !== ""; tag = tag.slice(0, Math.max(0, tag.lastIndexOf("-")))) {
    if (Object.hasOwn(words, tag)) return words[tag];
  }
  return undefined;
}

/** The logo, whose text is the name, or else the name itself. */
export function toHeader({ name, logo }: Brand): Markup | undefined {
  if (logo !== undefined) return markup`<header><img src="${logo}" alt="${name ?? ""}"></header>\n`;
  return name === undefined ? undefined : markup`<header>${name}</header>\n`;
}

export function toFooter(links: readonly BrandLink[]): Markup | undefined {
  if (links.length === 0) return undefined;
  return markup`\n<footer>${links.map(({ label, address }) => markup`<a href="${address}" rel="noreferrer">${label}</a>`)}</footer>`;
}
