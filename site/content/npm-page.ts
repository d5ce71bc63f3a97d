import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { parse, postprocess, preprocess } from "micromark";
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
  const npmPage = mapTargets(readme, (target) => {
    const absolute = toAbsolute(target, places);
    const back = absolute === target ? target : toRelative(absolute, places);
    if (back !== target)
      throw new Error(`README.md links to ${target}, which would come back as ${back}. Write that instead.`);
    return absolute;
  });
  if (toRepositoryReadme(npmPage, places) !== toRepositoryReadme(readme, places))
    throw new Error("README.md links in a way that would not come back as it is. Write it in a simpler way.");
  return npmPage;
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

/** Destinations of links and pictures, and HTML, by the names of CommonMark's parser. */
const destinations = new Set(["resourceDestinationString", "definitionDestinationString"]);
const html = new Set(["htmlFlow", "htmlText"]);

const tag = /<(?:a|img|source|video)\b(?:"[^"]*"|'[^']*'|[^"'>])*>/gi;
/** In quotes: the parser finds no tag with a slash in a value without. */
const attribute = /(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*')/gi;
const candidates = /(\ssrcset\s*=\s*)("[^"]*"|'[^']*')/gi;

/** Changes where links and pictures lead, and nothing else. */
function mapTargets(markdown: string, change: (target: string) => string): string {
  let changed = "";
  let from = 0;
  for (const [kind, { type, start, end }] of postprocess(
    parse()
      .document()
      .write(preprocess()(markdown, undefined, true)),
  )) {
    if (kind !== "enter" || !(destinations.has(type) || html.has(type))) continue;
    const text = markdown.slice(start.offset, end.offset);
    changed += markdown.slice(from, start.offset) + (html.has(type) ? mapTags(text, change) : change(text));
    from = end.offset;
  }
  return changed + markdown.slice(from);
}

function mapTags(text: string, change: (target: string) => string): string {
  if (text.startsWith("<!--")) return text;
  return text.replace(tag, (whole) =>
    whole
      .replace(
        attribute,
        (_, name: string, value: string) =>
          `${name}${value.charAt(0)}${change(value.slice(1, -1))}${value.charAt(0)}`,
      )
      .replace(
        candidates,
        (_, name: string, value: string) =>
          name +
          value.replace(
            /(^["']\s*|,\s+)([^\s,"']+)/g,
            (__, before: string, one: string) => before + change(one),
          ),
      ),
  );
}
