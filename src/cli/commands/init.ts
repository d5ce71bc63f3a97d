import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { defineCommand, jsonOption } from "../arguments/command.ts";
import type { Edit } from "../init/diff.ts";
import { planEdits } from "../init/edits.ts";
import { findProject, type Project } from "../init/project.ts";
import type { Line, Output } from "../terminal/output.ts";

export const init = defineCommand({
  name: "init",
  summary: "Shows the lines that add Intermission to the app in this folder, or adds them",
  details: [
    "It finds the framework, the package manager, the store and the platform, and prints what to add to the app, to its environment and to its deploy.",
    "With --write it adds the lines. A file with changes that git does not have is never touched.",
  ],
  example: "intermission init --write",
  positionals: [],
  options: {
    write: { summary: "Add the lines, after asking" },
    yes: { summary: "With --write: don't ask" },
    ...jsonOption,
  },
  async run({ options, environment, output, exitWith }) {
    const folder = process.cwd();
    const project = findProject(folder, environment);
    const { edits, byHand } = planEdits(project);
    const wanted = options.write && (options.yes || options.json || (await agreed(edits, output)));
    const results = edits.map((edit) => {
      const refused = isRefused(folder, edit);
      const written = wanted && !refused;
      if (written) {
        mkdirSync(dirname(join(folder, edit.file)), { recursive: true });
        writeFileSync(join(folder, edit.file), edit.text, { flag: edit.isNew ? "wx" : "w" });
      }
      return { ...edit, refused, written };
    });
    if (wanted && results.some(({ refused }) => refused)) exitWith(1);
    output.answer({
      lines: [
        ...describe(project),
        ...results.flatMap(({ file, diff, refused, written }): readonly Line[] => [
          "",
          { style: "bold", text: `${file}${written ? " (written)" : ""}` },
          ...(refused
            ? [
                {
                  style: "yellow",
                  text: "git does not have this file as it is, so it stays untouched.",
                } as const,
              ]
            : []),
          ...diff.map(colour),
        ]),
        ...(byHand.length === 0 ? [] : ["", "Left to you:", ...byHand.map((text) => `  ${text}`)]),
        ...(options.write || edits.length === 0 ? [] : ["", "Add these lines: intermission init --write"]),
      ],
      document: {
        found: {
          framework: project.framework ?? null,
          packageManager: project.packageManager ?? null,
          store: project.store,
          platforms: project.platforms,
        },
        edits: results.map(({ file, diff, written, refused }) => ({
          file,
          diff: diff.join("\n"),
          written,
          refused,
        })),
        byHand,
      },
    });
  },
});

function describe({ framework, packageManager, store, storeSource, platforms }: Project): readonly string[] {
  const words = (found: string | undefined): string => found ?? "none found";
  return [
    `Framework:        ${words(framework)}`,
    `Package manager:  ${words(packageManager)}`,
    `Store:            ${store} (${storeSource ?? "nothing names another"})`,
    `Platform:         ${platforms.length === 0 ? "none found" : platforms.join(", ")}`,
  ];
}

function colour(line: string): Line {
  if (line.startsWith("+")) return { style: "green", text: line };
  if (line.startsWith("-")) return { style: "red", text: line };
  return line.startsWith("@@") ? { style: "dim", text: line } : line;
}

/** If nobody can be asked, --write is consent enough. */
async function agreed(edits: readonly Edit[], output: Output): Promise<boolean> {
  if (edits.length === 0 || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  for (const { file, diff } of edits) for (const line of [file, ...diff]) output.note(line);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question("Add these lines? [y/N] ");
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** Changes an existing file only if git can restore it. */
function isRefused(folder: string, { file, isNew }: Edit): boolean {
  if (isNew) return false;
  try {
    const git = (...words: readonly string[]): string =>
      execFileSync("git", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    git("ls-files", "--error-unmatch", "--", file);
    return git("status", "--porcelain", "--", file) !== "";
  } catch {
    return true;
  }
}
