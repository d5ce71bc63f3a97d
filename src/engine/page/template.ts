import { findModule } from "../../core/built-in-module.ts";
import { IntermissionError, isIntermissionError } from "../../core/errors.ts";
import type { PageView } from "../../core/settings/page-options.ts";
import { readText } from "./files.ts";
import { compileTemplate, type TemplateKind } from "../../page/template.ts";

type Stats = import("node:fs").Stats;
type Template = (view: PageView) => string;

/** What makes the body of each format that has a template, by the format's name. */
export type Templates = Readonly<Record<string, Template>>;

const maximumBytes = 512 * 1024;

/** The files of a folder, and which format each is for. */
const folderFiles = [
  { file: "page.html", format: "html", kind: "html" },
  { file: "page.txt", format: "text", kind: "txt" },
  { file: "page.json", format: "problem", kind: "json" },
  { file: "page.xml", format: "problem-xml", kind: "xml" },
] as const satisfies readonly { file: string; format: string; kind: TemplateKind }[];

/**
 * The `template` setting as functions. Files are read once, here.
 *
 * @throws IntermissionError `bad-option` when a file can't be read, is too large or has an unknown placeholder.
 */
export function loadTemplates(setting: string | Template | undefined): Templates {
  if (setting === undefined) return {};
  if (typeof setting === "function") return { html: setting };
  if (!isFolder(setting)) return { html: compileFile(setting, "html") };
  const found = folderFiles.filter(({ file }) => exists(`${setting}/${file}`));
  if (found.length === 0) {
    throw new IntermissionError("bad-option", {
      problem: `The template ${JSON.stringify(setting)} can't be used`,
      expected: `a folder with some of ${folderFiles.map(({ file }) => file).join(", ")}`,
      got: "a folder with none of them",
    });
  }
  return Object.fromEntries(
    found.map(({ file, format, kind }) => [format, compileFile(`${setting}/${file}`, kind)]),
  );
}

/** Which files a template has, and when each was changed: what is read again has another text then. Never throws. */
export function templateVersion(path: string): string {
  return [path, ...folderFiles.map(({ file }) => `${path}/${file}`)]
    .map((one) => {
      const { mtimeMs = 0, size = 0 } = statsOf(one) ?? {};
      return `${String(mtimeMs)} ${String(size)}`;
    })
    .join();
}

function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() === true;
}

function exists(path: string): boolean {
  return statsOf(path) !== undefined;
}

/** undefined for what can't be looked at: reading it says why. */
function statsOf(path: string): Stats | undefined {
  try {
    return findModule("node:fs")?.statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function compileFile(path: string, kind: TemplateKind): Template {
  const text = readText("template", path, maximumBytes);
  try {
    return compileTemplate(text, kind);
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    const { code, problem, expected, got, remedy, cause } = error;
    throw new IntermissionError(code, {
      problem: `${JSON.stringify(path)}: ${problem}`,
      ...(expected === undefined ? {} : { expected }),
      ...(got === undefined ? {} : { got }),
      ...(remedy === undefined ? {} : { remedy }),
      cause,
    });
  }
}
