import type { Content, Format } from "../../format.ts";
import { markup, toText, type Markup } from "../../markup.ts";
import { defaultTheme } from "../../themes/default/index.ts";
import { script, scriptHash } from "./script.ts";

const theme = defaultTheme;

/** For people. */
export const html: Format = {
  name: "html",
  mediaTypes: /^(?:text\/(?:html|\*)|application\/xhtml\+xml)$/,
  destinations: ["document", "iframe", "frame", "fencedframe", "embed", "object"],
  contentType: "text/html; charset=utf-8",
  contentSecurityPolicy: [
    "default-src 'none'",
    `script-src '${scriptHash}'`,
    `style-src '${theme.styleHash}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; "),

  render(content) {
    return toText(toDocument(content));
  },
};

function toDocument(content: Content): Markup {
  const { title, paragraphs, status, retryAfter, repeatable, messages } = content;
  // The empty icon keeps browsers from asking for /favicon.ico.
  return markup`<!doctype html>
<html lang="${messages.language}" dir="${messages.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="turbo-visit-control" content="reload">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${theme.style}</style>
</head>
<body data-method="${repeatable ? "GET" : "other"}" data-status="${status}" data-retry-after="${retryAfter}" data-waiting="${messages.waiting}" data-ready="${messages.ready}" data-offline="${messages.offline}" data-stopped="${messages.stopped}">
${theme.body({
  title,
  paragraphs,
  action: repeatable
    ? markup`<a href="">${messages.tryAgain}</a>`
    : markup`<button type="button" hidden>${messages.goBack}</button>`,
  live: markup`<p role="status"></p>`,
})}
<script>${script}</script>
</body>
</html>
`;
}
