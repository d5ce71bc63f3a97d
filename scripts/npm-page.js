/*
 * The README as npmjs.com shows it, with absolute links, while the package is packed:
 *
 * - `prepack` makes them absolute
 * - `postpack` and `postpublish` make them relative again. `npm publish` reads the README a second time after
 *   `postpack`, and that is what npmjs.com shows.
 *
 * After a pack that was interrupted they stay absolute until the next, or until
 * `node scripts/npm-page.js postpublish`.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runnerImport } from "vite";

const root = resolve(import.meta.dirname, "..");
const file = join(root, "README.md");
const [event] = process.argv.slice(2);

// Node 20 can't run TypeScript itself.
const { module } = await runnerImport(join(root, "site/content/npm-page.ts"), { root, logLevel: "error" });
const places = module.readPlaces();
const readme = readFileSync(file, "utf8");

if (event === "prepack") {
  write(module.toNpmPage(readme, places));
} else if (event === "postpack") {
  const isNpmPage = module.toNpmPage(readme, places) === readme;
  if (!["publish", "stage"].includes(process.env.npm_command))
    write(module.toRepositoryReadme(readme, places));
  if (!isNpmPage)
    throw new Error(
      "Expected the README with absolute links, got relative ones: another pack put them back, and may have done so before this one read it. Pack again, one at a time.",
    );
} else if (event === "postpublish") {
  write(module.toRepositoryReadme(readme, places));
} else {
  throw new Error(`Expected prepack, postpack or postpublish, got ${event}.`);
}

function write(text) {
  if (text === readme) return;
  // Whoever reads it meanwhile gets one or the other.
  const whole = `${file}.${process.pid}.tmp`;
  writeFileSync(whole, text);
  renameSync(whole, file);
}
