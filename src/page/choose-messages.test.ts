import fc from "fast-check";
import { expect, test } from "vitest";
import { languages } from "../core/settings/page-options.ts";
import { chooseMessages, loadLanguages } from "./choose-messages.ts";

test("before the languages are loaded everybody gets English, and then each their own", async () => {
  const languageOf = (header: string): string => chooseMessages(header, "fr").language;
  expect(languageOf("de")).toBe("en");
  expect(languageOf("tlh")).toBe("en");
  await loadLanguages();
  expect(languageOf("de")).toBe("de");
  expect(languageOf("tlh")).toBe("fr");
  expect(languageOf("")).toBe("fr");
});

test("the same header has the same answer, however many others came between", async () => {
  await loadLanguages();
  const header = fc.array(
    fc.tuple(fc.constantFrom(...languages, "tlh", "*"), fc.integer({ min: 0, max: 999 })),
    { maxLength: 40 },
  );
  const asked = new Map<string, string>();
  fc.assert(
    fc.property(header, (ranges) => {
      const text = ranges.map(([tag, mils]) => `${tag};q=0.${String(mils).padStart(3, "0")}`).join(", ");
      asked.set(text, chooseMessages(text, "en").language);
    }),
    { numRuns: 600 },
  );
  for (const [text, language] of asked) expect(chooseMessages(text, "en").language).toBe(language);
});
