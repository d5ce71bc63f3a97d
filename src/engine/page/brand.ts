import { findModule } from "../../core/runtime.ts";
import { toBrandParts, type Brand, type PageView } from "../../core/settings/page-options.ts";
import { IntermissionError, reasonOf, show, isIntermissionError } from "../../core/errors.ts";
import { compileTemplate, type TemplateKind } from "../../page/template.ts";

const maximumFileBytes = 256 * 1024;
const maximumLogoBytes = 32 * 1024;

/**
 * The `brand` setting with its logo as a `data:` URL. Files are read once, here.
 *
 * @throws IntermissionError `bad-option` if a file can't be read, is too large or is of the wrong kind.
 */
export function loadBrand(setting: string | Brand | undefined): Brand | undefined {
  if (setting === undefined) return undefined;
  const brand = typeof setting === "string" ? readBrand(setting) : setting;
  const { logo } = brand;
  if (logo === undefined || logo.startsWith("data:")) return brand;
  return { ...brand, logo: readLogo(typeof setting === "string" ? besideFile(setting, logo) : logo) };
}

/** Resolves a path relative to the file it is written in. */
function besideFile(file: string, path: string): string {
  const paths = findModule("node:path");
  return paths === undefined ? path : paths.resolve(paths.dirname(file), path);
}

function readBrand(path: string): Brand {
  const text = readText("brand", path, maximumFileBytes);
  return toBrandParts({ value: parseJson(path, text), name: show(path) });
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new IntermissionError("bad-option", {
      problem: `The brand ${show(path)} is not JSON`,
      expected: 'an object such as {"name": "The shop"}',
      got: reasonOf(error),
      cause: error,
    });
  }
}

/** The first bytes of each media type. */
const signatures: readonly (readonly [mediaType: string, start: RegExp])[] = [
  ["image/png", /^\x89PNG\r\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[^]{4}WEBP/],
  ["image/avif", /^[^]{4}ftypavi[fs]/],
  // A byte order mark, a declaration, comments and a doctype may come first.
  ["image/svg+xml", /^(?:\xef\xbb\xbf)?\s*<(?:svg[\s/>]|(?:\?xml|!--|!doctype svg)[^]*<svg[\s/>])/i],
];

function readLogo(path: string): string {
  const bytes = readBytes("logo", path, maximumLogoBytes);
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const mediaType = signatures.find(([, start]) => start.test(binary))?.[0];
  if (mediaType === undefined) {
    throw new IntermissionError("bad-option", {
      problem: `The logo ${show(path)} can't be used`,
      expected: "an SVG, PNG, JPEG, GIF, WebP or AVIF image",
      got: "something else",
    });
  }
  return `data:${mediaType};base64,${btoa(binary)}`;
}

const remedies = {
  template:
    "Set MAINTENANCE_TEMPLATE to the path of an HTML file or of a folder, or leave it out for the built-in page.",
  brand: "Set MAINTENANCE_BRAND to the path of a JSON file, or leave it out.",
  logo: "Name an image on this machine, or leave the logo out.",
} as const;

/**
 * Reads a whole file of the page.
 *
 * @throws IntermissionError `bad-option` naming the file, if it can't be read or is too large.
 */
export function readBytes(kind: keyof typeof remedies, path: string, maximumBytes: number): Uint8Array {
  try {
    const files = findModule("node:fs");
    if (files === undefined) throw new Error("this runtime has no file system");
    const stats = files.statSync(path);
    // A pipe or a device could block the app forever.
    if (!stats.isFile()) throw new Error("it is no file");
    if (stats.size > maximumBytes)
      throw new Error(`it has ${String(stats.size)} bytes, more than ${String(maximumBytes)}`);
    return files.readFileSync(path);
  } catch (error) {
    throw new IntermissionError("bad-option", {
      problem: `The ${kind} ${JSON.stringify(path)} can't be read`,
      got: reasonOf(error),
      remedy: remedies[kind],
      cause: error,
    });
  }
}

export function readText(kind: keyof typeof remedies, path: string, maximumBytes: number): string {
  // Drops a byte order mark, which would end up before the doctype.
  return new TextDecoder().decode(readBytes(kind, path, maximumBytes));
}

type Stats = import("node:fs").Stats;
type Template = (view: PageView) => string;

/** Body renderers by the name of their format. */
export type Templates = Readonly<Record<string, Template>>;

const maximumBytes = 512 * 1024;

/** The files of a template folder, and their formats. */
const folderFiles = [
  { file: "page.html", format: "html", kind: "html" },
  { file: "page.txt", format: "text", kind: "txt" },
  { file: "page.json", format: "problem", kind: "json" },
  { file: "page.xml", format: "problem-xml", kind: "xml" },
] as const satisfies readonly { file: string; format: string; kind: TemplateKind }[];

/**
 * The `template` setting as functions. Files are read once, here.
 *
 * @throws IntermissionError `bad-option` if a file can't be read, is too large or has an unknown placeholder.
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

/** Changes whenever a template's files or their times change. Never throws. */
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

/** undefined: not accessible. Reading it later reports why. */
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
