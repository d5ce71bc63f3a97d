import { randomUUID } from "node:crypto";
import { lstat, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";

/** Users other than the owner and the group may write. */
const writableByAll = 0o002;
/** In such a folder nobody can move or delete what others own: `/tmp`. */
const sticky = 0o1000;

/**
 * Creates a folder and its parents if they don't exist. Refuses a folder that somebody else made: whoever can
 * put a link into it or swap it could have files of their choice overwritten or deleted with this process's
 * rights.
 *
 * @returns Whether it is new.
 * @throws Error that says what is wrong with it.
 */
export async function makeOwnFolder(path: string): Promise<boolean> {
  const made = await mkdir(path, { recursive: true });
  for (let folder = resolve(path), isItself = true; ; folder = dirname(folder), isItself = false) {
    await requireOwn(folder, isItself);
    if (folder === dirname(folder)) return made !== undefined;
  }
}

async function requireOwn(folder: string, isItself: boolean): Promise<void> {
  const { uid, mode } = await lstat(folder);
  const own = process.geteuid?.();
  // Windows has neither.
  if (own === undefined) return;
  if (uid !== own && uid !== 0) {
    throw new Error(`${folder} belongs to another user (id ${String(uid)}), who could put links into it`);
  }
  // A link of our own, or of root, is trusted.
  if (isLink(mode)) return;
  const isOpen = (mode & writableByAll) !== 0;
  if (isOpen && (isItself || (mode & sticky) === 0)) {
    throw new Error(`every user may write into ${folder}, and could put links there`);
  }
}

/** The file type in a mode: inode(7). */
function isLink(mode: number): boolean {
  return (mode & 0o170000) === 0o120000;
}

/** Whether it is a regular file of this user, not a link. */
export async function isOwnFile(path: string): Promise<boolean> {
  try {
    const stats = await lstat(path);
    const own = process.geteuid?.();
    return stats.isFile() && (own === undefined || stats.uid === own || stats.uid === 0);
  } catch {
    return false;
  }
}

/** How often a rename is tried that a reader stands in the way of, and the time between. Milliseconds. */
const renames = { tries: 20, every: 50 };

/**
 * Writes a file atomically: a reader gets the old or the new one, never a part. A link in its place is
 * replaced, not followed.
 *
 * @param move `rename`. Windows refuses it while a reader or a virus scanner has the old file open.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  move: (from: string, to: string) => Promise<void> = rename,
  platform = process.platform,
): Promise<void> {
  // In the same folder, because only there is a rename atomic; its dot keeps it from being served.
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    // Fails if the name is taken.
    await writeFile(temporary, content, { flag: "wx" });
    const tries = platform === "win32" ? renames.tries : 1;
    for (let tried = 1; ; tried++) {
      try {
        await move(temporary, path);
        break;
      } catch (error) {
        if (tried >= tries || !isInUse(error)) throw error;
        await pause(renames.every);
      }
    }
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function isInUse(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EPERM" || code === "EACCES" || code === "EBUSY";
}
