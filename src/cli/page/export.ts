import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, reasonOf } from "../../core/errors.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { createPageLoader } from "../../engine/page/loader.ts";
import { pageFileTypes, toPageFiles } from "../../page/page-file.ts";
import { isOwnFile, makeOwnFolder, replaceFile } from "../../server/own-folder.ts";
import { toNginx } from "./nginx-pages.ts";

export interface Export {
  /** Absolute. */
  readonly folder: string;
  /** The pages' file names. */
  readonly files: readonly string[];
  /** The configuration that serves them. */
  readonly nginx: string;
}

/** Its first line marks a folder as ours, so that other people's files are never replaced. */
const readme = "README.md";
const firstLine = "# Pages written by intermission page export";

/**
 * Writes the page in every language and format into a folder, for serving it without Intermission.
 *
 * @param force Also into a folder with other files. None is removed, but one with a page's name is replaced.
 * @throws IntermissionError `bad-option` if the template or the brand is invalid, or the folder can't be
 * written.
 */
export async function exportPages(
  settings: Settings,
  { folder, force, warn }: { folder: string; force: boolean; warn: (message: string) => void },
): Promise<Export> {
  const problems: string[] = [];
  const loader = createPageLoader(
    settings,
    systemClock,
    ({ code, message }) => {
      if (code === "accent-corrected") warn(message);
      else problems.push(message);
    },
    () => Promise.resolve(),
  );
  await loader.load().finally(loader.close);
  const pages = toPageFiles((visit) => loader.pageFor(visit, "deploy", {}));
  const [problem] = problems;
  // For visitors the built-in page is better than none; an exported file must be what was asked for.
  if (problem !== undefined) throw new IntermissionError("bad-option", { problem });

  const path = resolve(folder);
  const { language, statusCode } = settings;
  const nginx = toNginx({ folder: path, pages, language, statusCode });
  try {
    await makeOwnFolder(path);
    if (!force && !(await isOurs(path))) throw new Error("files of others");
    // First, so that an interrupted run can be repeated.
    await replaceFile(join(path, readme), toReadme(nginx, language));
    for (const { name, body } of pages) await replaceFile(join(path, name), body);
  } catch (error) {
    throw new IntermissionError("bad-option", {
      problem: `The folder ${JSON.stringify(folder)} can't be exported to`,
      expected: "one that is empty, or was exported to before; that may be written, and by no other user",
      got: reasonOf(error),
      remedy:
        "Name another folder, or a new one in a folder of your own. To write into it all the same: --force.",
      cause: error,
    });
  }
  return { folder: path, files: pages.map(({ name }) => name), nginx };
}

async function isOurs(path: string): Promise<boolean> {
  const entries = await readdir(path);
  if (entries.length === 0) return true;
  if (!(await isOwnFile(join(path, readme)))) return false;
  return (await readFile(join(path, readme), "utf8")).startsWith(firstLine);
}

function toReadme(nginx: string, language: string): string {
  const endings = Object.entries(pageFileTypes).map(
    ([extension, type]) => `- \`.${extension}\`: \`${type}\``,
  );
  return `${firstLine}

Each file is the maintenance page in one language and format: \`${language}.html\`, \`${language}.json\`, and so on. Every
one is whole: it asks for nothing else. Send them with the status that clients expect of an error, never with 200.

${endings.join("\n")}

Where only one page can be named, as for a CDN or a bucket, name \`${language}.html\`.

For nginx, which chooses by the visitor's language and format:

\`\`\`nginx
${nginx}\`\`\`
`;
}
