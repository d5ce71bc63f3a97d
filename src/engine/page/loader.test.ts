import { expect, test } from "vitest";
import { failedAnswer } from "../../../test/support/failed-answer.ts";
import { createIntermission } from "../create.ts";
import { memoryStore } from "../../stores/memory/index.ts";

test("an error before anything is loaded waits, and is answered in the visitor's language", async () => {
  const intermission = createIntermission(
    { store: memoryStore(), mode: true, release: "v1.0", language: "fr" },
    { environment: {} },
  );
  const languageFor = (acceptLanguage: string): string | undefined =>
    intermission.page({ method: "GET", acceptLanguage }, "manual").headers["content-language"];
  expect(languageFor("de")).toBeUndefined();
  const replacement = intermission.replacementFor(failedAnswer());
  expect(replacement).toBeInstanceOf(Promise);
  await replacement;
  expect(languageFor("de")).toBe("de");
  expect(languageFor("tlh")).toBe("fr");
  await intermission.close();
});
