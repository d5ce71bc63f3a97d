import { win32 } from "node:path";
import type { Environment } from "../../core/release.ts";

/** What is given to `spawn`. */
export interface Invocation {
  readonly file: string;
  readonly parameters: readonly string[];
  /** The parameters are quoted already. */
  readonly verbatim: boolean;
}

/**
 * Finds a program as cmd.exe does: in this folder and then in PATH, with the extensions of PATHEXT.
 *
 * @returns its path, or undefined.
 */
export function findOnWindows(
  program: string,
  environment: Environment,
  isFile: (path: string) => boolean,
): string | undefined {
  if (program === "" || program.includes("\0")) return undefined;
  const read = (name: string): string => readAnyCase(environment, name) ?? "";
  const extensions = (read("PATHEXT") || ".COM;.EXE;.BAT;.CMD").split(";").filter((each) => each !== "");
  const names = win32.extname(program) === "" ? [] : [program];
  names.push(...extensions.map((extension) => program + extension));
  const folders = /[\\/:]/.test(program) ? [""] : [".", ...read("PATH").split(";")];
  // A folder in PATH may be quoted.
  const paths = folders.flatMap((folder) =>
    names.map((name) => (folder === "" ? name : win32.join(folder.replaceAll('"', ""), name))),
  );
  return paths.find(isFile);
}

/** Names of variables have no case on Windows: the usual one is `Path`. */
function readAnyCase(environment: Environment, name: string): string | undefined {
  const key = Object.keys(environment).find((each) => each.toUpperCase() === name);
  return key === undefined ? undefined : environment[key];
}

/**
 * npm, npx, yarn and pnpm are batch files on Windows, which Node refuses to start without a shell
 * (CVE-2024-27980). cmd.exe runs them. undefined: a parameter has a line break, which cmd.exe takes for the
 * command's end.
 */
export function toInvocation(
  path: string,
  parameters: readonly string[],
  environment: Environment,
): Invocation | undefined {
  if (!/\.(?:cmd|bat)$/i.test(path)) return { file: path, parameters, verbatim: false };
  if ([path, ...parameters].some((each) => /[\r\n\0]/.test(each))) return undefined;
  const line = [path, ...parameters].map(quoteForBatch).join(" ");
  return {
    file: readAnyCase(environment, "COMSPEC") ?? "cmd.exe",
    // No AutoRun, no `!`-variables, and only the outermost quotes removed.
    parameters: ["/d", "/e:on", "/v:off", "/s", "/c", `"${line}"`],
    verbatim: true,
  };
}

/**
 * Quoted for cmd.exe, which reads the line twice (for the batch file, and where that passes `%*` on), and
 * then for the program's own rules: a backslash counts as such except before a quote.
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
function quoteForBatch(text: string): string {
  if (/^[\w#$*+\-./:?@\\]+$/.test(text) && !text.endsWith("\\")) return text;
  const quoted = text
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/\\+$/, "$&$&")
    // A substring of no length, so that no two percent signs enclose a variable's name.
    .replaceAll("%", "%%cd:~,%");
  return `"${quoted}"`;
}
