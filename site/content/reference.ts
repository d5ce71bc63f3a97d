import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { commandNames, loadCommand } from "../../src/cli/commands/index.ts";
import { explanation } from "../../src/cli/arguments/help.ts";
import { root } from "./reading-order.ts";

/** A page written from the code. */
export interface ReferencePage {
  readonly name: string;
  readonly content: string;
}

export async function referencePages(): Promise<readonly ReferencePage[]> {
  return [
    { name: "verbs", content: await verbs() },
    { name: "exports", content: exports() },
  ];
}

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");

/** Every verb with its help, from what the command itself prints. */
async function verbs(): Promise<string> {
  const commands = await Promise.all(commandNames.map(loadCommand));
  const parts = commands
    .filter((command) => command !== undefined)
    .map((command) => {
      const { name, usage, summary, details, example, options } = explanation(command).document as {
        name: string;
        usage: string;
        summary: string;
        details: readonly string[];
        example: string | null;
        options: readonly { name: string; value: string | null; summary: string }[];
      };
      return [
        `## ${name}`,
        `${toMarkdown(summary)}.`,
        `\`\`\`\n${usage}\n\`\`\``,
        ...details.map(toMarkdown),
        table(
          ["Option", "Does"],
          options.map((option) => [
            code(option.value === null ? option.name : `${option.name} ${option.value}`),
            toMarkdown(option.summary),
          ]),
        ),
        ...(example === null ? [] : [`For example:\n\n\`\`\`sh\n${example}\n\`\`\``]),
      ].join("\n\n");
    });
  return `# Verbs\n\nEvery verb of the command line with all its options: what \`intermission help VERB\` prints. [Command line](/docs/command-line.md) has them at a glance, and the exit codes.\n\n${parts.join("\n\n")}\n`;
}

/** Help is plain text: what Markdown would read differently is escaped. */
function toMarkdown(text: string): string {
  return text.replace(/[<*_[\]{}]/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

interface Exported {
  readonly name: string;
  readonly kind: string;
  /** The first sentence of its comment. */
  readonly summary: string;
}

/** Every name that each entry point exports, from the source. */
function exports(): string {
  const folders = (folder: string): readonly string[] =>
    readdirSync(join(root, "src", folder))
      .filter((name) => existsSync(join(root, "src", folder, name, "index.ts")))
      .sort();
  const entries: readonly (readonly [specifier: string, file: string])[] = [
    ["intermission", "src/index.ts"],
    ...folders("frameworks").map(
      (name) => [`intermission/${name}`, `src/frameworks/${name}/index.ts`] as const,
    ),
    ...folders("stores")
      .filter((name) => name !== "shared")
      .map((name) => [`intermission/stores/${name}`, `src/stores/${name}/index.ts`] as const),
    ...folders("telemetry").map(
      (name) => [`intermission/telemetry/${name}`, `src/telemetry/${name}/index.ts`] as const,
    ),
    ["intermission/server", "src/server/index.ts"],
    ["intermission/testing", "src/testing/index.ts"],
  ];
  const parts = entries.map(([specifier, file]) =>
    [
      `## ${specifier}`,
      table(
        ["Name", "Is", "What for"],
        exportsOf(join(root, file)).map(({ name, kind, summary }) => [code(name), kind, toMarkdown(summary)]),
      ),
    ].join("\n\n"),
  );
  return `# Exports\n\nEvery name that the package exports, with the first sentence of its comment; an editor shows the rest. All of it works with \`import\` and \`require\`. \`intermission/auto\` exports nothing: it is for \`node --import intermission/auto\`, see [No code at all](/docs/frameworks.md#no-code-at-all).\n\n${parts.join("\n\n")}\n`;
}

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  parsed.set(file, source);
  return source;
}

function exportsOf(file: string): readonly Exported[] {
  return parse(file).statements.flatMap((statement): readonly Exported[] => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      const target =
        moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier)
          ? join(dirname(file), moduleSpecifier.text)
          : file;
      if (exportClause === undefined) return exportsOf(target);
      if (!ts.isNamedExports(exportClause)) return [];
      return exportClause.elements.map(({ name, propertyName }) => ({
        ...describe(target, (propertyName ?? name).text),
        name: name.text,
      }));
    }
    return isExported(statement) ? namesOf(statement).map((name) => describe(file, name)) : [];
  });
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as ts.Statement & { name?: ts.Identifier };
  return name === undefined ? [] : [name.text];
}

/** A declaration, wherever it is re-exported or imported from. */
function describe(file: string, name: string): Exported {
  const source = parse(file);
  const statement = source.statements.find((one) => namesOf(one).includes(name));
  if (statement !== undefined) return { name, kind: kindOf(statement), summary: summaryOf(statement) };
  for (const one of source.statements) {
    if (!ts.isImportDeclaration(one) && !ts.isExportDeclaration(one)) continue;
    const specifier = one.moduleSpecifier;
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith("."))
      continue;
    const target = join(dirname(file), specifier.text);
    const bindings = ts.isImportDeclaration(one) ? one.importClause?.namedBindings : one.exportClause;
    if (bindings === undefined && ts.isExportDeclaration(one)) {
      if (exportsOf(target).some((exported) => exported.name === name)) return describe(target, name);
      continue;
    }
    if (bindings === undefined || (!ts.isNamedImports(bindings) && !ts.isNamedExports(bindings))) continue;
    const element = [...bindings.elements].find((part) => part.name.text === name);
    if (element !== undefined) return describe(target, (element.propertyName ?? element.name).text);
  }
  throw new Error(`${relative(root, file)} exports ${name}, and its declaration was not found.`);
}

function kindOf(statement: ts.Statement): string {
  if (ts.isFunctionDeclaration(statement)) return "function";
  if (ts.isClassDeclaration(statement)) return "class";
  if (ts.isVariableStatement(statement)) {
    const value = statement.declarationList.declarations[0]?.initializer;
    return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
      ? "function"
      : "value";
  }
  return "type";
}

function summaryOf(statement: ts.Statement): string {
  const comment = ts.getJSDocCommentsAndTags(statement).find(ts.isJSDoc)?.comment;
  const text = ts.getTextOfJSDocComment(comment)?.replace(/\s+/g, " ").trim() ?? "";
  const plain = text.replace(/\{@link ([^}]+)\}/g, "$1");
  return /^.*?[.!?](?=\s|$)/.exec(plain)?.[0].replace(/\.$/, "") ?? plain;
}
