import { createHtml } from "./formats/html/index.ts";
import { createFormats } from "./formats/index.ts";
import { createNegotiator } from "./index.ts";
import { themes } from "./themes/index.ts";

/** The format for a request that gets no page but a plain error, so that none of the operator's formats takes part. */
export const chooseFormat = createNegotiator(createFormats(createHtml(themes.default, {})));
