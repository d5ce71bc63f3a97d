import { findModule } from "../../core/built-in-module.ts";
import { IntermissionError, reasonOf } from "../../core/errors.ts";

const remedies = {
  template:
    "Set MAINTENANCE_TEMPLATE to the path of an HTML file or of a folder, or leave it out for the built-in page.",
  brand: "Set MAINTENANCE_BRAND to the path of a JSON file, or leave it out.",
  logo: "Name an image on this machine, or leave the logo out.",
} as const;

/**
 * Reads a whole file that belongs to the page.
 *
 * @throws IntermissionError `bad-option` that names it, when it can't be read or is too large.
 */
export function readBytes(kind: keyof typeof remedies, path: string, maximumBytes: number): Uint8Array {
  try {
    const files = findModule("node:fs");
    if (files === undefined) throw new Error("this runtime has no file system");
    const stats = files.statSync(path);
    // A pipe or a device could keep the app waiting for ever.
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
  // Without a byte order mark, which would stand before the doctype.
  return new TextDecoder().decode(readBytes(kind, path, maximumBytes));
}
