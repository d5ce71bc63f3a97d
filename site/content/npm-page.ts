import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { toAddress, toPage, toPath } from "./addresses.ts";
import { findDocuments, inReadingOrder, root } from "./reading-order.ts";

/*
 * npmjs.com shows the README and no other file. There its links lead to the site, and those to files without
 * a page to the repository.
 */

/** Both end with a slash. */
export interface Places {
  readonly site: string;
  readonly repository: string;
}

/** @throws Error if package.json names none */
export function readPlaces(): Places {
  const { homepage, repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly homepage?: string;
    readonly repository?: { readonly url?: string };
  };
  const [, address] = /^(?:git\+)?(https:\/\/.+?)(?:\.git)?\/?$/.exec(repository?.url ?? "") ?? [];
  if (homepage === undefined || address === undefined)
    throw new Error(
      `Expected a homepage and a repository.url like git+https://HOST/NAME.git in package.json, got ${String(homepage)} and ${String(repository?.url)}.`,
    );
  return { site: homepage.replace(/\/?$/, "/"), repository: `${address}/` };
}

/**
 * Makes relative links absolute. What is absolute stays, so doing it again changes nothing.
 *
 * @throws Error if a link leads to nothing, or `toRepositoryReadme` would not make it the same again
 */
export function toNpmPage(readme: string, places: Places): string {
  return mapTargets(readme, (target) => {
    const absolute = toAbsolute(target, places);
    const back = absolute === target ? target : toRelative(absolute, places);
    if (back !== target)
      throw new Error(`README.md links to ${target}, which would come back as ${back}. Write that instead.`);
    return absolute;
  });
}

export function toRepositoryReadme(npmPage: string, places: Places): string {
  return mapTargets(npmPage, (target) => toRelative(target, places));
}

const pictures = [".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"];

function toAbsolute(target: string, { site, repository }: Places): string {
  const address = toAddress(target, "README.md");
  if (address === undefined) return target;
  const [path = "", anchor] = address.slice(1).split("#");
  const hash = anchor === undefined ? "" : `#${anchor}`;
  if (sourcesByPath().has(toPath(path))) return `${site}${toPath(path)}${hash}`;
  const file = path.replace(/^files\/(.+)\.md$/, "$1");
  if (!existsSync(join(root, file))) throw new Error(`README.md links to ${target}, which is not there.`);
  return `${repository}${pictures.includes(extname(file)) ? "raw" : "blob"}/HEAD/${file}${hash}`;
}

function toRelative(target: string, { site, repository }: Places): string {
  for (const view of ["raw", "blob"]) {
    const prefix = `${repository}${view}/HEAD/`;
    if (target.startsWith(prefix)) return target.slice(prefix.length);
  }
  if (!target.startsWith(site)) return target;
  const [path = "", anchor] = target.slice(site.length).split("#");
  const source = sourcesByPath().get(path);
  return source === undefined ? target : `${source}${anchor === undefined ? "" : `#${anchor}`}`;
}

let sources: ReadonlyMap<string, string> | undefined;

/** The documents that have a page, by its path. */
function sourcesByPath(): ReadonlyMap<string, string> {
  return (sources ??= new Map(
    inReadingOrder(findDocuments())
      .flatMap(({ documents }) => documents)
      .map((document) => [toPath(toPage(document)), document]),
  ));
}

/** What looks like a link, and is none. */
const passed = [
  // A fenced block; one without an end goes to the end.
  /^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(?<fence>(?<mark>[`~])\k<mark>{2,})[^\n`]*\n(?:[\s\S]*?^[ \t>]*\k<fence>\k<mark>*[ \t]*\r?$|[\s\S]*)/,
  // An indented block: after a blank line, and not in a list.
  /(?<=(?:^|\n)(?!(?:[-*+]|\d+[.)])[ \t])[^\s][^\n]*\n(?:[ \t\r]*\n)+)(?:(?: {4}|\t)[^\n]*\n?|[ \t\r]*\n)+/,
  /<!--[\s\S]*?-->/,
  /(?<!`)(?<ticks>`+)(?!`)(?:(?!\n[ \t\r]*\n)[\s\S])+?(?<!`)\k<ticks>(?!`)/,
  /\\[\s\S]/,
];

const link =
  /(?<opening>\]\([ \t]*<)(?<quoted>[^<>\n]+)|(?<bracket>\]\([ \t]*)(?<target>(?:\\.|\((?:\\.|[^()\s\\])*\)|[^()\s\\<])+)/;
const definition = /(?<label>^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*)(?<defined><[^<>\n]+>|[^\s<]+)/;
const tag = /<(?:a|img|source|video)\b(?:"[^"]*"|'[^']*'|[^"'>])*>/;

const anyOf = new RegExp(
  [...passed, definition, link, `(?<tag>${tag.source})`]
    .map((part) => (typeof part === "string" ? part : part.source))
    .join("|"),
  "gim",
);
const attribute = /(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)/gi;
const candidates = /(\ssrcset\s*=\s*)("[^"]*"|'[^']*')/gi;

/** Changes where links and pictures lead, and nothing else. */
function mapTargets(markdown: string, change: (target: string) => string): string {
  const within = (value: string): string => {
    const [, before = "", target = "", after = ""] = /^(["'<]?)(.*?)(["'>]?)$/s.exec(value) ?? [];
    return `${before}${change(target)}${after}`;
  };
  return markdown.replace(anyOf, (whole: string, ...rest: readonly unknown[]) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const { opening, quoted, bracket, target, label, defined } = groups;
    if (quoted !== undefined) return `${opening ?? ""}${change(quoted)}`;
    if (target !== undefined) return `${bracket ?? ""}${change(target)}`;
    if (defined !== undefined) return `${label ?? ""}${within(defined)}`;
    if (groups["tag"] === undefined) return whole;
    return whole
      .replace(attribute, (_, name: string, value: string) => `${name}${within(value)}`)
      .replace(
        candidates,
        (_, name: string, value: string) =>
          `${name}${value.replace(/(^["']\s*|,\s+)([^\s,"']+)/g, (__, before: string, one: string) => `${before}${change(one)}`)}`,
      );
  });
}
