import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

export interface Group {
  readonly title: string;
  /** Their paths in the repository, in the order to read them. */
  readonly documents: readonly string[];
  /** The document about all of them. The group is then folded until it is opened, or one of its documents is. */
  readonly about?: string;
}

/**
 * The order of the sidebar, and of "next" and "previous". A document that is missing here is added to the last
 * group of its kind: see `inReadingOrder`.
 */
const groups: readonly Group[] = [
  {
    title: "Start",
    documents: [
      "README.md",
      "site/pages/your-lines.md",
      "docs/how-it-decides.md",
      "docs/frameworks.md",
      "docs/runtimes.md",
      "docs/stores.md",
      "docs/schema-tools.md",
      "docs/page.md",
      "site/pages/look.md",
      "docs/languages.md",
      "docs/from-django-maintenance-page.md",
    ],
  },
  {
    title: "Deploy",
    documents: ["docs/deploying.md", "docs/manual-mode.md", "docs/testing.md", "docs/django.md"],
  },
  {
    title: "Watch",
    documents: [
      "docs/console.md",
      "docs/instances.md",
      "docs/monitoring.md",
      "docs/logs-and-traces.md",
      "docs/webhooks.md",
    ],
  },
  {
    title: "Operate",
    documents: ["docs/reliability.md", "docs/infrastructure.md", "docs/scaling.md", "docs/long-runs.md"],
  },
  {
    title: "Behind a proxy",
    documents: ["docs/gateway.md", "docs/what-stands-in-front.md", "docs/proxies.md", "deploy/README.md"],
  },
  {
    title: "Reference",
    documents: [
      "docs/settings.md",
      "docs/command-line.md",
      "site/pages/reference/verbs.md",
      "site/pages/reference/exports.md",
      "docs/compatibility.md",
      "bench/RESULTS.md",
      "CHANGELOG.md",
    ],
  },
  { title: "Each framework", about: "docs/frameworks.md", documents: [] },
  { title: "Each recipe", about: "deploy/README.md", documents: [] },
  {
    title: "Working on it",
    about: "CONTRIBUTING.md",
    documents: ["CONTRIBUTING.md", "docs/development/structure.md", "SECURITY.md", "bench/README.md"],
  },
];

/** Pages that are written from the code, and their titles. */
const written: ReadonlyMap<string, string> = new Map([
  ["site/pages/reference/verbs.md", "Verbs"],
  ["site/pages/reference/exports.md", "Exports"],
]);

/** Where a document goes that no group names. The first that fits. */
const homes: readonly (readonly [path: RegExp, group: string])[] = [
  [/^src\/frameworks\//, "Each framework"],
  [/^deploy\//, "Each recipe"],
  [/^docs\/development\//, "Working on it"],
  [/^docs\//, "Operate"],
];

/** Every document for people. */
export function findDocuments(): readonly string[] {
  const below = (folder: string, pattern: RegExp): readonly string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
      .filter((name) => pattern.test(name))
      .sort();
  return [
    ...readdirSync(root).filter((name) => name.endsWith(".md")),
    ...below("docs", /\.md$/),
    ...below("deploy", /\/README\.md$/),
    ...below("src/frameworks", /\/README\.md$/),
    ...["bench/README.md", "bench/RESULTS.md"].filter((name) => existsSync(join(root, name))),
  ];
}

export function inReadingOrder(documents: readonly string[]): readonly Group[] {
  const named = new Set(groups.flatMap((group) => group.documents));
  const others = documents.filter((document) => !named.has(document));
  const homeOf = (document: string): string =>
    homes.find(([path]) => path.test(document))?.[1] ?? "Working on it";
  return groups.map((group) => ({
    ...group,
    documents: [
      ...group.documents.filter((document) => written.has(document) || existsSync(join(root, document))),
      ...others.filter((document) => homeOf(document) === group.title),
    ],
  }));
}

/** A document's first heading. */
export function titleOf(document: string): string {
  if (document === "README.md") return "Start here";
  const title = written.get(document);
  if (title !== undefined) return title;
  const text = readFileSync(join(root, document), "utf8");
  return (/^# (.+)$/m.exec(text)?.[1] ?? document).replaceAll("`", "");
}
