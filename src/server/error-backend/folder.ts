import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { IntermissionError, reasonOf } from "../../core/errors.ts";
import { isOwnFile, makeOwnFolder, replaceFile } from "../own-folder.ts";
import type { Publication } from "./published-state.ts";

/** A folder of published files. */
export interface Folder {
  /** Writes changed files, one after the other. */
  publish(publication: Publication): Promise<void>;
  /** Removes what says that errors should be intercepted. */
  withdraw(): Promise<void>;
}

/** Marks a folder as ours, so that other people's files are never removed. */
const mark = ".intermission";
const note = "Written by intermission serve, which may remove everything else here.\n";
const maximumName = 255;

/** @throws IntermissionError `bad-option` if the folder has other files, or can't be written. */
export async function openFolder(path: string): Promise<Folder> {
  // What was written, by path, so that only changes are written again.
  const written = new Map<string, string | Uint8Array>();

  async function put(name: string, content: string | Uint8Array): Promise<void> {
    const before = written.get(name);
    if (before !== undefined && isSame(before, content)) return;
    await replaceFile(join(path, name), content);
    written.set(name, content);
  }

  /** Somebody may have deleted them. */
  async function makeFolders(): Promise<void> {
    for (const name of ["pages", "release"]) {
      if (await makeOwnFolder(join(path, name))) written.clear();
    }
  }

  try {
    await makeOwnFolder(path);
    const entries = await readdir(path);
    if (entries.length > 0 && !(await isOwnFile(join(path, mark)))) throw new Error("files of others");
    await makeFolders();
    await put(mark, note);
  } catch (error) {
    throw new IntermissionError("bad-option", {
      problem: `The folder ${JSON.stringify(path)} can't be published to`,
      expected: "one that is empty, or was published to before; that may be written, and by no other user",
      got: reasonOf(error),
      remedy: "Name another folder, or a new one in a folder of your own.",
      cause: error,
    });
  }
  async function remove(name: string): Promise<void> {
    await rm(join(path, name), { force: true });
    written.delete(name);
  }

  /** Leftovers of an earlier run are stale too. */
  async function keepOnly(folder: string, names: readonly string[]): Promise<void> {
    for (const name of await readdir(join(path, folder))) {
      if (!names.includes(name)) await remove(join(folder, name));
    }
  }

  return {
    async publish({ situation, state, pages }) {
      await makeFolders();
      await put(mark, note);
      if (!situation.active) await remove("active");
      for (const { name, body } of pages) await put(join("pages", name), body);
      const releases = situation.regular.map(toFileName).filter((name) => name.length <= maximumName);
      // Releases that are masked from now on go first.
      await keepOnly("release", releases);
      for (const name of releases) await put(join("release", name), "");
      await keepOnly(
        "pages",
        pages.map(({ name }) => name),
      );
      await put("state.json", state);
      if (situation.active) await put("active", "");
    },
    async withdraw() {
      await remove("active");
      await remove("state.json");
    },
  };
}

/** A release as a file name, encoded as in a header: RFC 3986 section 2.3. No leading dot. */
export function toFileName(release: string): string {
  return encodeURIComponent(release)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\./, "%2E");
}

function isSame(one: string | Uint8Array, other: string | Uint8Array): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return Buffer.compare(one, other) === 0;
}
