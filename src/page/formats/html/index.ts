import { toFooter, toHeader, type Brand } from "../../brand.ts";
import type { Content, Format } from "../../format.ts";
import { markup, toText, type Markup } from "../../template.ts";
import { toSourceHash } from "../../source-hash.ts";
import { toStylesheet } from "../../style.ts";
import type { Theme } from "../../theme.ts";
import { script } from "./script.ts";

export function createHtml(theme: Theme, brand: Brand): Format {
  const style = toStylesheet(theme);
  const header = toHeader(brand);

  function toDocument(content: Content): Markup {
    const { title, paragraphs, status, retryAfter, repeatable, messages, links } = content;
    const words = { title, paragraphs, header, footer: toFooter(links) };
    // The empty icon stops browsers from requesting /favicon.ico.
    return markup`<!doctype html>
<html lang="${messages.language}" dir="${messages.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="turbo-visit-control" content="reload">
<title>${brand.name === undefined ? title : `${title} – ${brand.name}`}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body data-method="${repeatable ? "GET" : "other"}" data-status="${status}" data-retry-after="${retryAfter}" data-waiting="${messages.waiting}" data-ready="${messages.ready}" data-offline="${messages.offline}" data-stopped="${messages.stopped}">
${theme.body({
  ...words,
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

  return {
    name: "html",
    mediaTypes: /^(?:text\/(?:html|\*)|application\/xhtml\+xml)$/,
    destinations: ["document", "iframe", "frame", "fencedframe", "embed", "object"],
    contentType: "text/html; charset=utf-8",
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src '${toSourceHash(toText(script))}'`,
      `style-src '${toSourceHash(toText(style))}'`,
      "connect-src 'self'",
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
    ].join("; "),
    render: (content) => toText(toDocument(content)),
  };
}
