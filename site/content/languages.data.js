import { listLanguages, shownThemes } from "./shown-pages.ts";

export default { load: () => ({ languages: listLanguages(), themes: shownThemes }) };
