import { IntermissionError, isIntermissionError, reasonOf } from "./core/errors.ts";
import type { PageView } from "./core/options.ts";
import { compileTemplate } from "./page/template.ts";

type Template = (view: PageView) => string;

const maximumBytes = 512 * 1024;

/**
 * The `template` setting as a function. A file is read once, here.
 *
 * @throws IntermissionError `bad-option` when the file can't be read, is too large or has an unknown placeholder.
 */
export function loadTemplate(template: string | Template | undefined): Template | undefined {
  if (typeof template !== "string") return template;
  // Not imported: the library also loads in runtimes without a file system.
  const files = (
    globalThis as { readonly process?: { getBuiltinModule?(id: "node:fs"): typeof import("node:fs") } }
  ).process?.getBuiltinModule?.("node:fs");
  let text: string;
  try {
    if (files === undefined) throw new Error("this runtime has no file system");
    const { size } = files.statSync(template);
    if (size > maximumBytes)
      throw new Error(`it has ${String(size)} bytes, more than ${String(maximumBytes)}`);
    text = files.readFileSync(template, "utf8");
  } catch (error) {
    throw new IntermissionError("bad-option", {
      problem: `The template ${JSON.stringify(template)} can't be read`,
      got: reasonOf(error),
      remedy: "Set MAINTENANCE_TEMPLATE to the path of an HTML file, or leave it out for the built-in page.",
      cause: error,
    });
  }
  try {
    return compileTemplate(text);
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    const { code, problem, expected, got, remedy, cause } = error;
    throw new IntermissionError(code, {
      problem: `${JSON.stringify(template)}: ${problem}`,
      ...(expected === undefined ? {} : { expected }),
      ...(got === undefined ? {} : { got }),
      ...(remedy === undefined ? {} : { remedy }),
      cause,
    });
  }
}
