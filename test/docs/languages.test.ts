import { expect, test } from "vitest";
import { chooseMessages, loadLanguages } from "../../src/page/choose-messages.ts";
import { readDocument } from "./blocks.ts";

/** The cells of the table below a heading, by row. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const [, chapter = ""] = readDocument("docs/languages.md").split(`\n## ${heading}\n`);
  const [text = ""] = chapter.split("\n## ");
  return [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row]) =>
    (row ?? "").split("|").map((cell) => cell.trim()),
  );
}

const tagsIn = (cell = ""): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, tag]) => tag ?? "");

test("docs/languages.md says which one a visitor gets", async () => {
  await loadLanguages();
  const examples = rowsBelow("Which one a visitor gets");
  expect(examples.length).toBeGreaterThan(5);
  for (const [asked, got] of examples) {
    const given = tagsIn(asked).map((header) => chooseMessages(header, "en").language);
    expect.soft([...new Set(given)], asked).toEqual(tagsIn(got));
  }
});
