import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, posix } from "node:path";
import { findDocuments, root } from "./reading-order.ts";

/** The page of a document of the repository: `docs/page.md` is at `page.md`. The first pattern that fits. */
const moves: readonly (readonly [source: RegExp, page: string])[] = [
  [/^README\.md$/, "start.md"],
  [/^site\/pages\/(.+)$/, "$1"],
  [/^docs\/frameworks\.md$/, "frameworks/index.md"],
  [/^docs\/(.+)$/, "$1"],
  [/^src\/frameworks\/([^/]+)\/README\.md$/, "frameworks/$1.md"],
  [/^deploy\/README\.md$/, "recipes/index.md"],
  [/^deploy\/(.+)\/README\.md$/, "recipes/$1.md"],
  [/^bench\/RESULTS\.md$/, "what-it-costs.md"],
  [/^bench\/README\.md$/, "how-it-is-measured.md"],
  [/^([A-Z]+)\.md$/, "$1.md"],
];

export function toPage(source: string): string {
  const move = moves.find(([pattern]) => pattern.test(source));
  if (move === undefined) return source;
  const page = source.replace(...move);
  return /^[A-Z]+\.md$/.test(page) ? page.toLowerCase() : page;
}

/** The path of a page on the site, without the first slash: `page.html` for `page.md`, `frameworks/` for its index. */
export function toPath(page: string): string {
  return page.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, ".html");
}

/**
 * Where a link of a document leads on the site. A document's page; for any other file of the repository, a
 * page that shows it; for a folder, the page of its README.
 *
 * @param from The document, from the repository's root.
 * @returns Undefined: not a link within the repository.
 */
export function toAddress(link: string, from: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  if (path === "" || /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(path)) return undefined;
  const target = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(from), path);
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const file = toFile(target.replace(/\/$/, ""));
  return file.endsWith(".md") ? `/${toPage(file)}${hash}` : `/files/${file}.md${hash}`;
}

/** @throws Error if a folder has nothing to show */
function toFile(target: string): string {
  const path = join(root, target);
  if (!existsSync(path) || !statSync(path).isDirectory()) return target;
  const readme = ["README.md", "../README.md"]
    .map((name) => posix.join(target, name))
    .find((name) => existsSync(join(root, name)));
  if (readme === undefined)
    throw new Error(`The folder ${target} has no README, and the site no page for it.`);
  return readme;
}

export interface ShownFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

const languages: Readonly<Record<string, string>> = {
  ".ts": "ts",
  ".js": "js",
  ".py": "python",
  ".go": "go",
  ".rb": "ruby",
  ".php": "php",
  ".json": "json",
  ".yml": "yaml",
  ".yaml": "yaml",
  ".conf": "nginx",
  ".lua": "lua",
  ".sh": "sh",
  ".service": "ini",
  ".socket": "ini",
};

/** The files that documents link to, and that are no documents. */
export function findShownFiles(): readonly ShownFile[] {
  const documents = findDocuments();
  const paths = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), "utf8").replace(/^```[\s\S]*?^```/gm, "");
    return [...text.matchAll(/(?<!!)\[(?:[^\]]|\]\((?=[^)]*\)\]))*\]\(([^)\s]+)\)/g)]
      .map(([, link = ""]) => toAddress(link, document))
      .filter((address) => address?.startsWith("/files/") === true)
      .map((address) => (address ?? "").replace(/^\/files\/|\.md(?:#.*)?$/g, ""));
  });
  return [...new Set(paths)]
    .filter((path) => existsSync(join(root, path)))
    .sort()
    .map((path) => ({
      path,
      language: path.endsWith("Dockerfile") ? "docker" : (languages[extname(path)] ?? "text"),
      text: readFileSync(join(root, path), "utf8"),
    }));
}
