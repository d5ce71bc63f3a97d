import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * A store as someone outside this project would write it: a JSON file for each version of each app's record,
 * in a folder on one machine. It needs no lock that could be left behind: whoever creates the next version's
 * file wins. Files are never deleted; there is one for each deploy.
 *
 * @param {string} root
 * @returns {import("intermission").Store}
 */
export function folderStore(root) {
  let closed = false;

  const refuseWhenClosed = () => {
    if (closed) throw new Error("the store is closed");
  };

  /** An app's name may be too long for a file name, and differ from another only by case. */
  const folderOf = (app) => join(root, createHash("sha256").update(app).digest("hex"));

  async function newestVersion(app) {
    try {
      const names = await readdir(folderOf(app));
      return Math.max(0, ...names.map((name) => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0)));
    } catch (error) {
      if (error.code === "ENOENT") return 0;
      throw error;
    }
  }

  return {
    async read(app, knownVersion) {
      refuseWhenClosed();
      const version = await newestVersion(app);
      if (version === 0) return { version };
      if (version === knownVersion) return { version, unchanged: true };
      const text = await readFile(join(folderOf(app), `${version}.json`), "utf8");
      return { version, value: JSON.parse(text).value };
    },

    async write(app, value, expectedVersion, currentRelease) {
      refuseWhenClosed();
      if ((await newestVersion(app)) !== expectedVersion) return false;
      const folder = folderOf(app);
      await mkdir(folder, { recursive: true });
      const draft = join(folder, `${randomUUID()}.draft`);
      await writeFile(draft, JSON.stringify({ app, value, currentRelease }));
      try {
        // A link appears at once and complete, and never replaces another.
        await link(draft, join(folder, `${expectedVersion + 1}.json`));
        return true;
      } catch (error) {
        if (error.code === "EEXIST") return false;
        throw error;
      } finally {
        await rm(draft, { force: true });
      }
    },

    async close() {
      closed = true;
    },
  };
}
