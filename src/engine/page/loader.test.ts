import { expect, test, afterAll } from "vitest";
import { failedAnswer } from "../../../test/support/failed-answer.ts";
import { createIntermission } from "../create.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageView } from "../../core/settings/page-options.ts";
import { createTemplateSource, type TemplateSource } from "./loader.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";

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

const folder = mkdtempSync(join(tmpdir(), "intermission-reload-"));
const path = join(folder, "page.html");
const view: PageView = { status: 503, retryAfter: 60, language: "en", title: "Soon", message: "" };
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let writes = 0;
/** Advances the file time by a second: some file systems are no more precise. */
function write(text: string): void {
  writes += 1;
  writeFileSync(path, text);
  utimesSync(path, 1_800_000_000 + writes, 1_800_000_000 + writes);
}

const clock = createFakeClock();
const pageOf = (source: TemplateSource): string | undefined => source.current()["html"]?.(view);

test.each([
  ["a file", path],
  ["a folder", folder],
])("in development, %s is read again when it has changed, at most once a second", async (_name, template) => {
  write("one");
  const failures: unknown[] = [];
  const source = createTemplateSource({ template, development: true }, clock, (error) =>
    failures.push(error),
  );
  expect(pageOf(source)).toBe("one");
  write("two");
  expect(pageOf(source)).toBe("one");
  await clock.advance(1000);
  expect(pageOf(source)).toBe("two");

  write("{{nothing}}");
  await clock.advance(1000);
  expect(pageOf(source)).toBe("two");
  await clock.advance(1000);
  expect(pageOf(source)).toBe("two");
  expect(failures).toEqual([expect.objectContaining({ code: "bad-option" })]);

  write("three");
  await clock.advance(1000);
  expect(pageOf(source)).toBe("three");
  rmSync(path);
  await clock.advance(1000);
  expect(pageOf(source)).toBe("three");
  expect(failures).toHaveLength(2);
});

test("elsewhere, a file is read once", async () => {
  write("one");
  const source = createTemplateSource({ template: path, development: false }, clock, () => undefined);
  write("two");
  await clock.advance(10_000);
  expect(pageOf(source)).toBe("one");
});

test("a template that can't be used from the start is an error", () => {
  write("{{nothing}}");
  expect(() => createTemplateSource({ template: path, development: true }, clock, () => undefined)).toThrow(
    /line 1/,
  );
});
