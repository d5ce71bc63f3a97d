import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { languages } from "../../src/core/settings/languages.ts";
import { chooseMessages, loadLanguages } from "../../src/page/choose-messages.ts";
import { readDocument, root } from "./blocks.ts";

/** The cells of the rows of a table, by its heading. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const [, chapter = ""] = readDocument("docs/languages.md").split(`\n## ${heading}\n`);
  const [text = ""] = chapter.split("\n## ");
  return [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row]) =>
    (row ?? "").split("|").map((cell) => cell.trim()),
  );
}

const tagsIn = (cell = ""): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, tag]) => tag ?? "");

test("docs/languages.md lists every language, by its name and as sure as its file says", () => {
  const names = new Intl.DisplayNames("en", { type: "language" });
  const listed = languages.map((tag) => {
    const source = readFileSync(join(root, "src/page/languages", `${tag.toLowerCase()}.ts`), "utf8");
    const [, confidence] = /Confidence: (high|medium)/.exec(source) ?? [];
    const written = source.includes('direction: "rtl"') ? "right to left" : "";
    return [`\`${tag}\``, names.of(tag), written, confidence];
  });
  expect(rowsBelow("All of them")).toEqual(listed);
});

test.each(["docs/languages.md", "docs/page.md"])("%s counts them right", (document) => {
  expect(readDocument(document)).toMatch(new RegExp(`(?:in|out of) \\[?${String(languages.length)}\\b`));
});

test("docs/languages.md says which one a visitor gets", async () => {
  await loadLanguages();
  const examples = rowsBelow("Which one a visitor gets");
  expect(examples.length).toBeGreaterThan(5);
  for (const [asked, got] of examples) {
    const given = tagsIn(asked).map((header) => chooseMessages(header, "en").language);
    expect.soft([...new Set(given)], asked).toEqual(tagsIn(got));
  }
});
