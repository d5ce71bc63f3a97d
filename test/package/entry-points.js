import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/**
 * What users can import: the `exports` of package.json, each pattern expanded for every matching folder of
 * src.
 *
 * @returns {readonly { readonly subpath: string, readonly types: string }[]} `subpath` such as `./express`,
 * `types` the built declarations, from the repository's root
 */
export function findEntryPoints() {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.entries(exports).flatMap(([subpath, conditions]) => {
    const types = conditions.import?.types;
    if (types === undefined) return [];
    const [folder, rest] = types.split("*");
    if (rest === undefined) return [{ subpath, types }];
    const sources = join(root, folder.replace("dist", "src"));
    // A pattern's star also matches nested folders.
    return readdirSync(sources, { recursive: true })
      .filter((name) => existsSync(join(sources, name, "index.ts")))
      .sort()
      .map((name) => ({ subpath: subpath.replace("*", name), types: types.replace("*", name) }));
  });
}
