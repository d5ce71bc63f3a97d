import { createHash } from "node:crypto";

/**
 * An HTML page on one line, for proxies whose configuration allows no other (HAProxy's `lf-string`), with its
 * policy. The policy allows the exact bytes of the page's style, so it gets the new hash. A script on several
 * lines is left out, because the end of a line may end a statement. The built-in page works without it.
 */
export function toOneLine(html: string, policy: string): { readonly html: string; readonly policy: string } {
  let allowed = policy;
  const line = html
    .replace(/<script>[^]*?<\/script>/gi, (script) => (script.includes("\n") ? "" : script))
    .replace(/(<style>)([^]*?)(<\/style>)/gi, (_, open: string, style: string, close: string) => {
      const flat = flatten(style);
      allowed = allowed.replaceAll(hashOf(style), hashOf(flat));
      return open + flat + close;
    });
  return { html: flatten(line).trim(), policy: allowed };
}

function flatten(text: string): string {
  return text.replace(/\s*[\r\n]\s*/g, " ");
}

/** As in a policy: https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
