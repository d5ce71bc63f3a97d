import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { PageView } from "./core/options.ts";
import { createIntermission } from "./intermission.ts";
import { loadTemplate } from "./page-template.ts";

const folder = mkdtempSync(join(tmpdir(), "intermission-template-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const view: PageView = { status: 503, retryAfter: 60, language: "en", title: "Back soon", message: "<Soon>" };

test("no template is no template, and a function is itself", () => {
  expect(loadTemplate(undefined)).toBeUndefined();
  const template = (): string => "";
  expect(loadTemplate(template)).toBe(template);
});

test("a file is read once, and its placeholders are filled in and escaped", () => {
  const path = write("page.html", "<h1>{{title}} in {{retryAfter}} s</h1>{{message}}");
  const template = loadTemplate(path);
  rmSync(path);
  expect(template?.(view)).toBe("<h1>Back soon in 60 s</h1>&lt;Soon&gt;");
});

test("a file that can't be read or is too large is an error at the start that names it", () => {
  expect(() => loadTemplate(join(folder, "none.html"))).toThrow(/none\.html" can't be read/);
  expect(() => loadTemplate(write("large.html", "x".repeat(600_000)))).toThrow(/600000 bytes/);
});

test("a file with an unknown placeholder is an error at the start that names file and line", () => {
  const path = write("wrong.html", "<h1>\n{{user}}</h1>");
  expect(() => loadTemplate(path)).toThrow(/wrong\.html.*line 2/s);
});

test("MAINTENANCE_TEMPLATE takes the place of the built-in page", async () => {
  const path = write("own.html", "<h1>Back in {{retryAfter}} s</h1>");
  const { page, ready } = createIntermission(
    { store: "memory:" },
    { environment: { MAINTENANCE_TEMPLATE: path }, watching: false },
  );
  await ready();
  expect(new TextDecoder().decode(page({ method: "GET", accept: "text/html" }).body)).toBe(
    "<h1>Back in 60 s</h1>",
  );
});

test("a template that throws later gives the built-in page, and a warning", async () => {
  const warnings: string[] = [];
  const { page, ready } = createIntermission(
    {
      store: "memory:",
      logger: { warn: (line) => warnings.push(line), error: () => undefined },
      template: () => {
        throw new Error("no such partial");
      },
    },
    { environment: {}, watching: false },
  );
  await ready();
  expect(new TextDecoder().decode(page({ method: "GET", accept: "text/html" }).body)).toContain("</html>");
  expect(warnings).toEqual([
    "[intermission] The template failed, so visitors get the built-in page: no such partial.",
  ]);
});
