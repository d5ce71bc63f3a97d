import { expect, test } from "vitest";
import { chooseMessages } from "./index.ts";

test("the chosen texts name the language they are in, as browsers know it", () => {
  const { language } = chooseMessages();
  expect(Intl.getCanonicalLocales(language)).toEqual([language]);
  expect(Intl.RelativeTimeFormat.supportedLocalesOf(language)).toEqual([language]);
});
