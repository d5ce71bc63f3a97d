import { requireModule } from "../built-in-module.ts";
import { reasonOf, show } from "../errors.ts";
import { parseRelease } from "../release.ts";
import type { InstanceRelease } from "./instance-release.ts";

/** What a release file says, or why it says nothing. */
export type FiledRelease = { readonly release: InstanceRelease } | { readonly problem: string };

/** A line that is longer is no release. Bytes. */
const longestLine = 4096;

/**
 * The first line of a file, as Capistrano writes REVISION and Docker's secrets are read.
 *
 * @param path A relative one goes from the working folder.
 * @throws IntermissionError `bad-release` for a line that can't be an identifier.
 */
export function readReleaseFile(path: string): FiledRelease {
  let line: string;
  try {
    line = firstLine(path);
  } catch (error) {
    return { problem: `The release file ${show(path)} could not be read: ${reasonOf(error)}` };
  }
  if (line === "") return { problem: `The release file ${show(path)} has an empty first line` };
  return { release: { id: parseRelease(line, `the file ${show(path)}`), source: path } };
}

function firstLine(path: string): string {
  const { openSync, readSync, closeSync } = requireModule("node:fs");
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(longestLine);
    const length = readSync(file, bytes, 0, longestLine, 0);
    const [line = ""] = new TextDecoder().decode(bytes.subarray(0, length)).split(/\r?\n/, 1);
    return line.trim();
  } finally {
    closeSync(file);
  }
}
