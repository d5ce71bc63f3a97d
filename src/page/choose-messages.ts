import { remember } from "../core/bounded-map.ts";
import { languages, type Language } from "../core/settings/page-options.ts";
import { parseAcceptLanguage } from "./accept.ts";
import { en } from "./languages/en.ts";
import { createLookup } from "./lookup.ts";
import type { Messages } from "./messages.ts";

let loaded: Readonly<Partial<Record<Language, Messages>>> = { en };

/**
 * Until then everything is English. Fifty small modules take longer to load than all the rest of the page, so that the
 * page does not wait for them. But they are not left until somebody asks: by then the deploy may have removed the files.
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
 * @param otherwise For a visitor who asks for no language that there is.
 */
export function chooseMessages(acceptLanguage: string, otherwise: Language): Messages {
  const language = languageOf(acceptLanguage);
  return (language && loaded[language]) ?? loaded[otherwise] ?? en;
}
