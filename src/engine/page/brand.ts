import { findModule } from "../../core/built-in-module.ts";
import { toBrandParts, type Brand } from "../../core/settings/brand.ts";
import { IntermissionError, reasonOf, show } from "../../core/errors.ts";
import { readBytes, readText } from "./files.ts";

const maximumFileBytes = 256 * 1024;
const maximumLogoBytes = 32 * 1024;

/**
 * The `brand` setting with its logo as a `data:` URL. Files are read once, here.
 *
 * @throws IntermissionError `bad-option` when a file can't be read, is too large or is not what it should be.
 */
export function loadBrand(setting: string | Brand | undefined): Brand | undefined {
  if (setting === undefined) return undefined;
  const brand = typeof setting === "string" ? readBrand(setting) : setting;
  const { logo } = brand;
  if (logo === undefined || logo.startsWith("data:")) return brand;
  return { ...brand, logo: readLogo(typeof setting === "string" ? besideFile(setting, logo) : logo) };
}

/** Where a path that stands in a file leads. */
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
      problem: `The brand ${show(path)} is no JSON`,
      expected: 'an object such as {"name": "The shop"}',
      got: reasonOf(error),
      cause: error,
    });
  }
}

/** What an image begins with, by its media type. */
const signatures: readonly (readonly [mediaType: string, start: RegExp])[] = [
  ["image/png", /^\x89PNG\r\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[^]{4}WEBP/],
  ["image/avif", /^[^]{4}ftypavi[fs]/],
  // A byte order mark, a declaration, comments and a doctype may come before.
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
