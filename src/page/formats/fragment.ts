import { inertPolicy, type Format } from "../format.ts";
import { markup, toText } from "../template.ts";

/** For a part of a page that stays (htmx): the same words without the document. */
export const fragment: Format = {
  name: "fragment",
  // No type can select it: it is HTML.
  mediaTypes: /^(?!)/,
  destinations: [],
  contentType: "text/html; charset=utf-8",
  contentSecurityPolicy: inertPolicy,

  render({ title, paragraphs, messages }) {
    return toText(markup`<div role="alert" lang="${messages.language}" dir="${messages.direction}">
<strong>${title}</strong>
${paragraphs.map((paragraph) => markup`<p>${paragraph}</p>\n`)}</div>
`);
  },
};
