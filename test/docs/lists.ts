import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { root } from "./blocks.ts";
import { commandNames, loadCommand } from "../../src/cli/commands/index.ts";
import { errorCodes } from "../../src/core/errors.ts";
import { platformVariables } from "../../src/core/release.ts";
import { languages, themeNames } from "../../src/core/settings/page-options.ts";
import { describeDefault, settingsTable, type Setting } from "../../src/core/settings/table.ts";
import { layers } from "../../.dependency-cruiser.js";

/*
 * What code and documents both tell. Between the marks `<!-- list: NAME -->` and `<!-- end of list -->` a document has
 * what the code says; `npm run docs:lists` writes it there.
 */

const lists: Readonly<Record<string, (document: string) => string | Promise<string>>> = {
  settings: (document) =>
    table(
      ["Option", "Environment variable", "Default", "What it sets"],
      shownSettings(document).map(([name, setting]) => [
        code(name),
        name === "release"
          ? "the one that `releaseVariable` names"
          : setting.variables.map(code).join(", then "),
        describeDefault(setting),
        setting.summary.replaceAll("](", `](${document === "README.md" ? "docs/" : ""}`),
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

/** The README leaves out what only code can set. */
function shownSettings(document: string): readonly (readonly [string, Setting<unknown>])[] {
  const all = Object.entries<Setting<unknown>>(settingsTable);
  if (document !== "README.md") return all;
  return all.filter(([name, { variables }]) => name === "release" || variables.length > 0);
}

export const listNames: readonly string[] = Object.keys(lists);

/** The document with every list as the code has it, and as Prettier writes it. */
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
