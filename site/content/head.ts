import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toPath } from "./addresses.ts";
import { root } from "./reading-order.ts";

export interface PageData {
  readonly title: string;
  readonly description: string;
  readonly relativePath: string;
  readonly filePath: string;
}

type HeadTag = [tag: string, attributes: Record<string, string>];

const longest = 200;

/** The first paragraph of a document, as plain text. Undefined: it has none. */
export function summaryOf(document: string): string | undefined {
  const path = join(root, document);
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8")
    .replace(/^---\n[\s\S]*?\n---\n/, "")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^```[\s\S]*?^```$/gm, "");
  const paragraph = text.split(/\n\s*\n/).find((part) => /^[A-Za-z`[*]/.test(part.trim()));
  if (paragraph === undefined) return undefined;
  const plain = paragraph
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[`*<>]/g, "")
    // VitePress puts it into an attribute as it is.
    .replaceAll('"', "'")
    .replaceAll("&", "and")
    .replace(/\s+/g, " ")
    .trim();
  return plain.length <= longest ? plain : `${plain.slice(0, plain.lastIndexOf(" ", longest))} …`;
}

/** What search engines and chat windows show of a page. */
export function headOf({ title, description, relativePath }: PageData, base: string): HeadTag[] {
  const site = new URL(process.env["SITE_URL"] ?? homepage());
  const address = new URL(base + toPath(relativePath), site);
  const property = (name: string, content: string): HeadTag => ["meta", { property: name, content }];
  return [
    ["link", { rel: "icon", href: `${base}icon.svg`, type: "image/svg+xml" }],
    ["link", { rel: "canonical", href: address.href }],
    ["meta", { name: "referrer", content: "no-referrer" }],
    ["meta", { name: "theme-color", content: "#14110f" }],
    property("og:type", "website"),
    property("og:site_name", "Intermission"),
    property("og:title", title === "" ? "Intermission" : title),
    property("og:description", description),
    property("og:url", address.href),
    property("og:image", new URL(`${base}card.png`, site).href),
    ["meta", { name: "twitter:card", content: "summary_large_image" }],
  ];
}

function homepage(): string {
  const { homepage } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { homepage: string };
  return homepage;
}

/**
 * Adds a Content-Security-Policy: nothing from another host, and only the inline scripts that are there now.
 * Inline styles are allowed, since the colours of code are style attributes.
 */
export function withPolicy(html: string): string {
  const hashes = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = ""]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );
  const policy = [
    // Firefox goes by this for what is prefetched.
    "default-src 'self'",
    `script-src 'self' ${[...new Set(hashes)].join(" ")}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html.replace(
    /<meta charset="utf-8">/i,
    (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
}
