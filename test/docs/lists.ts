import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { root } from "./blocks.ts";
import { commandNames, loadCommand } from "../../src/cli/commands/index.ts";
import { errorCodes } from "../../src/core/errors.ts";
import { platformVariables } from "../../src/core/release.ts";
import { languages, themeNames } from "../../src/core/settings/page-options.ts";
import { describeDefault, settingsTable, type Setting } from "../../src/core/settings/table.ts";
import type { Format } from "../../src/page/format.ts";
import { createHtml } from "../../src/page/formats/html/index.ts";
import { createFormats } from "../../src/page/formats/index.ts";
import { defaultTheme } from "../../src/page/themes/default/index.ts";
import { layers } from "../../.dependency-cruiser.js";
import { formats, stores, type StoreRow } from "./parts.ts";

/*
 * What both code and documents say. Between the marks `<!-- list: NAME -->` and `<!-- end of list -->` a
 * document has what the code says; `npm run docs:lists` writes it there.
 */

const lists: Readonly<Record<string, (document: string) => string | Promise<string>>> = {
  settings: () =>
    table(
      ["Option", "Environment variable", "Default", "What it sets"],
      Object.entries<Setting<unknown>>(settingsTable).map(([name, setting]) => [
        code(name),
        name === "release"
          ? "the one that `releaseVariable` names"
          : setting.variables.map(code).join(", then "),
        describeDefault(setting),
        setting.summary,
      ]),
    ),
  platforms: () =>
    platformVariables
      .map(({ name, onlyWith }) =>
        onlyWith === undefined ? code(name) : `${code(name)} (with ${code(onlyWith)})`,
      )
      .join(", "),
  errors: () =>
    table(
      ["Code", "Means"],
      Object.entries(errorCodes).map(([name, meaning]) => [code(name), meaning.replace(/\.$/, "")]),
    ),
  warnings: () => table(["Code", "Means"], warningCodes()),
  stores: (document) =>
    storeTable(document, ["Store", "Needs", "Tells instances of changes"], ({ title, needs, push }) => [
      title,
      needs,
      push,
    ]),
  "store urls": (document) =>
    storeTable(document, ["URL", "Store", "Parameters"], ({ url, schemes, title, parameters }) => [
      [url, ...schemes.slice(1)].map(code).join(", "),
      title,
      parameters,
    ]),
  "store choices": (document) =>
    storeTable(document, ["Store", "URL", "For"], ({ title, url, suits }) => [title, code(url), suits]),
  formats: () =>
    table(
      ["`Accept`", "Gets", "As"],
      allFormats().map((format) => {
        const row = Object.hasOwn(formats, format.name) ? formats[format.name] : undefined;
        if (row === undefined)
          throw new Error(`test/docs/parts.ts says nothing of the format ${format.name}`);
        const strange = row.accept.find((type) => !format.mediaTypes.test(type));
        if (strange !== undefined) throw new Error(`${strange} does not ask for the format ${format.name}`);
        const type = (format.contentType.split(";", 1)[0] ?? "").trim();
        return [row.accept.map(code).join(", "), row.gets, format.name === "empty" ? "" : code(type)];
      }),
    ),
  verbs: async () => {
    const commands = await Promise.all(commandNames.map(loadCommand));
    const rows = commands
      .filter((command) => command !== undefined)
      .map(({ name, positionals, rest, summary }) => [
        code(
          [name, ...positionals.map((word) => `[${word}]`), ...(rest === undefined ? [] : ["-- …"])].join(
            " ",
          ),
        ),
        summary,
      ]);
    return table(["Verb", "Does"], rows);
  },
  languages: () => {
    const names = new Intl.DisplayNames("en", { type: "language" });
    const rows = languages.map((tag) => {
      const source = readFileSync(join(root, "src/page/languages", `${tag.toLowerCase()}.ts`), "utf8");
      const confidence = /Confidence: (high|medium)\b/.exec(source)?.[1];
      if (confidence === undefined) throw new Error(`${tag}: its file says no confidence, high or medium`);
      return [
        code(tag),
        names.of(tag) ?? tag,
        source.includes('direction: "rtl"') ? "right to left" : "",
        confidence,
      ];
    });
    return table(["Tag", "Language", "Written", "Confidence"], rows);
  },
  "language count": () => String(languages.length),
  themes: () => themeNames.map(code).join(", "),
  imports: () =>
    table(
      ["Part", "May import"],
      Object.entries<readonly string[]>(layers).map(([layer, allowed]) => [
        code(layer),
        allowed.length === 0 ? "nothing" : allowed.map((path) => code(path.replace(/\/$/, ""))).join(", "),
      ]),
    ),
};

/** Each code with its comment, which explains it. */
function warningCodes(): readonly (readonly string[])[] {
  const source = readFileSync(join(root, "src/core/settings/options.ts"), "utf8");
  const declaration = /export type WarningCode =([\s\S]+?");/.exec(source)?.[1] ?? "";
  const codes = [...declaration.matchAll(/"([a-z-]+)"/g)].map(([, name]) => name ?? "");
  const rows = [...declaration.matchAll(/\/\*\*([^/]*(?:\/(?!\*)[^/]*)*?)\*\/\s*\| "([a-z-]+)"/g)].map(
    ([, comment = "", name = ""]) => [
      code(name),
      comment
        .replace(/\s*\n\s*\* ?/g, " ")
        .trim()
        .replace(/\.$/, ""),
    ],
  );
  if (rows.length !== codes.length) throw new Error("a warning code has no comment that says what it means");
  return rows;
}

/** Everything in src/stores and src/stores/open.ts, or an error that names what is missing. */
function storeTable(
  document: string,
  head: readonly string[],
  toCells: (row: StoreRow) => readonly string[],
): string {
  const folder = join(root, "src/stores");
  const folders = readdirSync(folder).filter((name) => existsSync(join(folder, name, "index.ts")));
  const rows = Object.entries(stores);
  const untold = folders.find((name) => !Object.hasOwn(stores, name));
  if (untold !== undefined)
    throw new Error(`Expected a row in test/docs/parts.ts for the store ${untold}, got none. Write one.`);
  const source = readFileSync(join(folder, "open.ts"), "utf8");
  const opened = [...source.matchAll(/^ {2}"([a-z+-]+:)": (?:\{.*import\("\.\/)?(\w+)/gm)];
  for (const [, scheme = "", constant = ""] of opened) {
    const name = constant.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (![...(stores[name]?.schemes ?? []), ...(stores[name]?.alike ?? [])].includes(scheme))
      throw new Error(`Expected ${scheme} among the schemes of ${name} in test/docs/parts.ts. Add it.`);
  }
  const link = (cell: string): string =>
    document === "docs/stores.md" ? cell.replaceAll("](stores.md", "](") : cell;
  return table(
    head,
    rows.map(([, row]) => toCells(row).map(link)),
  );
}

function allFormats(): readonly Format[] {
  const { named, fragment } = createFormats(createHtml(defaultTheme, {}));
  return [...named, fragment];
}

export const listNames: readonly string[] = Object.keys(lists);

/** The document with every list updated from the code and formatted by Prettier. */
export async function withLists(document: string, text: string): Promise<string> {
  const marked = /(<!-- list: ([a-z ]+) -->)[\s\S]*?(<!-- end of list -->)/g;
  let result = "";
  let end = 0;
  for (const match of text.matchAll(marked)) {
    const [whole, open = "", name = "", close = ""] = match;
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    if (list === undefined)
      throw new Error(`${document}: there is no list "${name}", only ${listNames.join(", ")}`);
    const content = await list(document);
    const space = content.startsWith("|") ? "\n\n" : "";
    result += text.slice(end, match.index) + open + space + content + space + close;
    end = match.index + whole.length;
  }
  if (end === 0) return text;
  return format(result + text.slice(end), { ...(await resolveConfig(document)), parser: "markdown" });
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const toRow = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [toRow(head), toRow(head.map(() => "---")), ...rows.map(toRow)].join("\n");
}
