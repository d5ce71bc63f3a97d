import { remember } from "../core/bounded-map.ts";
import { languages, type Language } from "../core/settings/page-options.ts";
import { parseAcceptLanguage } from "./accept.ts";
import { en } from "./languages/en.ts";
import { createLookup } from "./lookup.ts";
import type { Messages } from "./messages.ts";

let loaded: Readonly<Partial<Record<Language, Messages>>> = { en };

/**
 * Everything is English until then. Fifty small modules load more slowly than the rest of the page, so the
 * page does not wait for them. But they must be loaded before somebody asks: a deploy may remove the files.
 */
export async function loadLanguages(): Promise<void> {
  const { allMessages } = await import("./languages/index.ts");
  loaded = allMessages;
}

const lookUp = createLookup(languages);

const languageOf = remember((header) => lookUp(parseAcceptLanguage(header)), { maximum: 256, longest: 128 });

/**
 * The texts for a visitor. Never throws.
 *
 * @param otherwise For a visitor who asks for no supported language.
 */
export function chooseMessages(acceptLanguage: string, otherwise: Language): Messages {
  const language = languageOf(acceptLanguage);
  return (language && loaded[language]) ?? loaded[otherwise] ?? en;
}
