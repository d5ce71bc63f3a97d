import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, inject, test } from "vitest";
import { documents } from "../docs/blocks.ts";
import { toNpmPage } from "../../site/content/npm-page.ts";
import { findDocuments, inReadingOrder, root } from "../../site/content/reading-order.ts";
import { toPage } from "../../site/content/addresses.ts";
import { base } from "./global-setup.ts";

const folder = inject("siteFolder");

interface SitePage {
  readonly name: string;
  readonly html: string;
  readonly ids: ReadonlySet<string>;
}

const pages = new Map(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".html"))
    .map((name): [string, SitePage] => {
      const html = readFileSync(join(folder, name), "utf8");
      const ids = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => unescape(id)));
      return [name, { name, html, ids }];
    }),
);
/** The page as visitors get it during a deploy is another product's page: it is looked at elsewhere. */
const ours = [...pages.values()].filter(({ name }) => !name.startsWith("shown/"));

function unescape(text = ""): string {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

function addressesOf(html: string): readonly string[] {
  const tags = html.matchAll(/<(?:a|img|link|script|iframe|source)\s[^>]*>/g);
  return [...tags]
    .filter(([tag]) => !tag.includes('rel="canonical"'))
    .flatMap(([tag]) => [...tag.matchAll(/\s(?:href|src|srcset)="([^"]*)"/g)])
    .map(([, address]) => unescape(address));
}

/** What is wrong with a link within the site. Undefined: nothing. */
function problemOf(address: string, from: string): string | undefined {
  const { pathname, hash } = new URL(address, `http://site${base}${from}`);
  const path = decodeURIComponent(pathname);
  if (!path.startsWith(base)) return "outside the base path";
  const name = path.slice(base.length).replace(/(^|\/)$/, "$1index.html");
  const file = join(folder, name);
  if (!existsSync(file) || !statSync(file).isFile()) return "no such page";
  const anchor = decodeURIComponent(hash.slice(1));
  if (anchor === "" || pages.get(posix.normalize(name))?.ids.has(anchor) === true) return undefined;
  return "no such anchor";
}

test("every link within the site leads to a page, and every anchor to a heading", () => {
  expect(ours.length).toBeGreaterThan(documents.length);
  const problems = new Map<string, string>();
  // The sidebar is on every page.
  const tried = new Set<string>();
  for (const { name, html } of ours) {
    for (const address of addressesOf(html)) {
      if (/^(?:https?|mailto|data):/.test(address) || tried.has(address)) continue;
      if (address.startsWith("/")) tried.add(address);
      const problem = problemOf(address, name);
      if (problem !== undefined) problems.set(address, `${problem}, linked from ${name}`);
    }
  }
  expect(Object.fromEntries(problems)).toEqual({});
});

test("the links on npm's page lead to pages that are there", () => {
  const site = `http://site${base}`;
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const npmPage = toNpmPage(readme, { site, repository: "https://code.example/" });
  const links = [...npmPage.matchAll(/http:\/\/site[^)\s"]+/g)].map(([link]) => link);
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter((link) => problemOf(link, "index.html") !== undefined)).toEqual([]);
});

test("links to other hosts are only links, encrypted, and are listed for whoever wants to try them", () => {
  const outside = ours.flatMap(({ html }) => [
    ...html.matchAll(/<(\w+)\s[^>]*?\s(?:href|src)="(https?:[^"]+)"[^>]*>/g),
  ]);
  const loaded = outside.filter(([tag, name]) => name !== "a" && !tag.includes('rel="canonical"'));
  expect(loaded.map(([tag]) => tag)).toEqual([]);
  const links = [...new Set(outside.map(([, , address]) => unescape(address)))].sort();
  expect(links.length).toBeGreaterThan(0);
  // What a reader is told to open on their own machine.
  const open = links.filter((link) => link.startsWith("http:"));
  expect(open.filter((link) => !/^http:\/\/(?:127\.0\.0\.1|localhost)\b/.test(link))).toEqual([]);
  writeFileSync(join(folder, "other-hosts.txt"), `${links.join("\n")}\n`);
});

test("styles and scripts name no other host to load from", () => {
  const assets = readdirSync(join(folder, "assets"), { recursive: true, encoding: "utf8" });
  const styles = assets.filter((name) => name.endsWith(".css"));
  expect(styles.length).toBeGreaterThan(0);
  expect(assets.filter((name) => /\.(?:woff2?|ttf|otf)$/.test(name))).toEqual([]);
  for (const name of styles)
    expect(readFileSync(join(folder, "assets", name), "utf8")).not.toMatch(/url\(["']?(?:https?:)?\/\//);
});

test("every document has one place in the reading order, and its page", () => {
  const order = inReadingOrder(findDocuments()).flatMap((group) => group.documents);
  expect(new Set(order).size).toBe(order.length);
  expect(order).toEqual(expect.arrayContaining([...documents]));
  for (const document of order)
    expect(pages.has(toPage(document).replace(/\.md$/, ".html")), document).toBe(true);
});

test("no page shows what is written for the tests of the documents", () => {
  const told = ours.filter(({ name }) => !name.endsWith("development/tests.html"));
  expect(
    told
      .filter(({ html }) => /&lt;!-- (?:check|list|end of list)|<!-- (?:check|list)/.test(html))
      .map(({ name }) => name),
  ).toEqual([]);
});

test("every page has a title, a description, a picture for chats, and a policy that lets in no other host", () => {
  for (const { name, html } of ours) {
    expect(html, name).toMatch(/<title>[^<]{5,}<\/title>/);
    expect(html, name).toMatch(/<html lang="en" dir="ltr">/);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? "";
    expect(policy, name).toContain("default-src 'self'");
    expect(policy, name).not.toMatch(/https?:|\*|script-src[^;]*unsafe/);
    if (name === "404.html") continue;
    const description = /<meta name="description" content="([^"]+)">/.exec(html)?.[1] ?? "";
    expect(description.length, name).toBeGreaterThan(20);
    expect(html, name).toMatch(/<meta property="og:image" content="https:[^"]+\.png">/);
  }
});
