import { createHtml } from "./formats/html/index.ts";
import { createFormats } from "./formats/index.ts";
import { createNegotiator } from "./index.ts";
import { themes } from "./themes/index.ts";

/** The format for a request that gets a plain error, not the page, so the operator's formats don't apply. */
export const chooseFormat = createNegotiator(createFormats(createHtml(themes.default, {})));
