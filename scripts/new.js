/*
 * npm run new -- theme|language|store|framework|verb NAME: creates the files of one more, entered in the
 * lists that name it. They compile. Their tests fail until the work is done, and say what it is.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { kinds, quote, read } from "./kinds.js";

const root = join(import.meta.dirname, "..");

const [kind = "", name = "", ...more] = process.argv.slice(2);
const usage = `Usage: npm run new -- ${Object.keys(kinds).join("|")} NAME`;
const problem = findProblem();
if (problem === undefined) make(kinds[kind](name));
else refuse(`${problem}\n${usage}`);

function refuse(problem) {
  console.error(problem);
  process.exitCode = 2;
}

function findProblem() {
  if (!Object.hasOwn(kinds, kind) || more.length > 0)
    return `Expected a kind and a name, got ${process.argv.slice(2).join(" ") || "nothing"}.`;
  if (kind === "language") {
    try {
      if (
        Intl.getCanonicalLocales(name)[0] === name &&
        Intl.RelativeTimeFormat.supportedLocalesOf(name)[0] === name
      )
        return undefined;
    } catch {
      // The message says what is expected.
    }
    return `Expected a BCP 47 tag that Intl knows, such as pt-BR, got ${quote(name)}.`;
  }
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name))
    return `Expected a name in lower case, such as my-${kind}, got ${quote(name)}.`;
  return undefined;
}

/** All or nothing: existing files stay as they are. */
function make({ files, entries, test }) {
  const there = Object.keys(files).find((file) => existsSync(join(root, file)));
  if (there !== undefined)
    return refuse(
      `Expected a name that is free, got ${quote(name)}: ${there} is there. Nothing was changed.`,
    );
  const edited = new Map();
  for (const entry of entries)
    edited.set(entry.file, enter(edited.get(entry.file) ?? read(entry.file), entry));
  for (const [file, text] of [...Object.entries(files), ...edited]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  for (const file of Object.keys(files)) console.log(`made    ${file}`);
  for (const file of edited.keys()) console.log(`edited  ${file}`);
  console.log(`
Next: make this pass, then see CONTRIBUTING.md for what else is touched.

  npx vitest ${test}
  npm run docs:lists`);
}

/**
 * Inserts a text after `after`; or, with `before`, before that list's end; or, with `sorted`, in its sorted
 * place.
 */
function enter(text, { file, after, before, sorted, text: entry }) {
  const at = text.indexOf(after);
  if (at === -1) throw new Error(`${file} has no ${quote(after)}: bring scripts/new.js up to date.`);
  let to = at + after.length;
  if (before !== undefined) to = text.indexOf(before, to);
  if (sorted !== undefined) {
    const line = new RegExp(`${sorted}\\n`, "y");
    const key = line.exec(entry)[1].toLowerCase();
    for (line.lastIndex = to; ; to = line.lastIndex) {
      const other = line.exec(text)?.[1].toLowerCase();
      if (other === undefined || other > key) break;
    }
  }
  return text.slice(0, to) + entry + text.slice(to);
}
