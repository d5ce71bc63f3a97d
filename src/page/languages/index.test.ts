import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { languages, type Language } from "../../core/settings/page-options.ts";
import { toParagraphs, type Messages } from "../messages.ts";
import { en } from "./en.ts";
import { allMessages } from "./index.ts";

const times = [
  [1, 1, "second"],
  [30, 30, "second"],
  [60, 1, "minute"],
  [120, 2, "minute"],
  [300, 5, "minute"],
  [21 * 60, 21, "minute"],
  [3 * 3600, 3, "hour"],
  [2 * 86_400, 2, "day"],
] as const;

/** Adjusts Intl's phrase to fit into a sentence. */
const rewordings: Readonly<Partial<Record<Language, (when: string) => string>>> = {
  ar: (when) => `بعد ${when.slice(when.indexOf(" ") + 1)}`,
  hi: (when) => when.replace(/ \S+$/, " बाद"),
  ur: (when) => when.replace(/ \S+$/, " بعد"),
  he: (when) => when.replace(/ \(.*/, "."),
};

/** The longest a text may be compared with the English one, so that the page keeps its shape. */
const mostOf = (english: string): number => 2 * english.length + 16;

/** Every text a visitor can see, by name. */
function textsOf(messages: Messages): Readonly<Record<string, string>> {
  const { comeBack, ...others } = messages;
  const texts = Object.entries(others).filter(([name]) => name !== "language" && name !== "direction");
  return { ...Object.fromEntries(texts), comeBack: comeBack("\u{1F552}") };
}

test("every file is a language, and every language has one", () => {
  const files = readdirSync(import.meta.dirname).filter((file) => !file.startsWith("index."));
  expect(files.sort()).toEqual(languages.map((tag) => `${tag.toLowerCase()}.ts`).sort());
});

test("no two languages have the same text, but those that are next of kin", () => {
  const kin = [new Set(["nb", "nn"]), new Set(["nb", "da"]), new Set(["en", "af"])];
  for (const one of languages) {
    for (const other of languages) {
      if (one === other || kin.some((pair) => pair.has(one) && pair.has(other))) continue;
      expect
        .soft(allMessages[one].explanation, `${one} and ${other}`)
        .not.toBe(allMessages[other].explanation);
    }
  }
});

describe.each(languages)("%s", (language) => {
  const messages = allMessages[language];
  const texts = textsOf(messages);

  test("is the language it says, by its canonical tag, and Intl knows it", () => {
    expect(messages.language).toBe(language);
    expect(Intl.getCanonicalLocales(language)).toEqual([language]);
    expect(Intl.RelativeTimeFormat.supportedLocalesOf(language)).toEqual([language]);
  });

  test("is read from the side of its script", () => {
    const script = new Intl.Locale(language).maximize().script ?? "";
    expect(messages.direction).toBe(["Arab", "Hebr"].includes(script) ? "rtl" : "ltr");
  });

  test("has every text, in its own script, without stray blanks", () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(textsOf(en)).sort());
    for (const text of Object.values(texts)) {
      expect(text).toMatch(scriptOf(language));
      expect(text).toBe(text.trim());
      expect(text).not.toMatch(/ {2}|[<>"{}]|\.\.\.|\?\?|undefined/);
      expect(text).toBe(text.normalize("NFC"));
    }
  });

  test("has nothing left of the English", () => {
    const english = new Set(Object.values(textsOf(en)));
    const same = language === "en" ? [] : Object.values(texts).filter((text) => english.has(text));
    expect(same).toEqual([]);
    if (language !== "en")
      expect(Object.values(texts).join(" ")).not.toMatch(/\b(?:the|you|this|again|when)\b/i);
  });

  test("is no longer than a page has room for", () => {
    for (const [name, english] of Object.entries(textsOf(en)))
      expect.soft(texts[name]?.length, name).toBeLessThanOrEqual(mostOf(english));
  });

  test.each(times)("asks to come back after %i s in the words of Intl", (seconds, value, unit) => {
    const when = new Intl.RelativeTimeFormat(language, { numeric: "always" }).format(value, unit);
    const sentence = toParagraphs(messages, seconds, true).at(-1) ?? "";
    expect(sentence).toContain(rewordings[language]?.(when) ?? when);
    expect(sentence).not.toMatch(/ {2}| [.。।]/);
  });

  test("says how sure its translation is", () => {
    const source = readFileSync(join(import.meta.dirname, `${language.toLowerCase()}.ts`), "utf8");
    expect(source).toMatch(/\/\*\* Confidence: (?:high|medium)\. (?:Read twice; .+|.+; read twice)\. \*\//);
  });
});

/** Every text contains at least one letter of it. */
function scriptOf(language: Language): RegExp {
  const script = new Intl.Locale(language).maximize().script ?? "";
  const names: Readonly<Record<string, string>> = { Hans: "Hani", Hant: "Hani", Jpan: "Hira", Kore: "Hang" };
  return new RegExp(`\\p{Script=${names[script] ?? script}}|\\p{Script=Hani}`, "u");
}
