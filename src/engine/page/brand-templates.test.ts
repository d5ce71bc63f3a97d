import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { PageView } from "../../core/settings/page-options.ts";
import { createIntermission } from "../create.ts";
import { loadTemplates } from "./brand.ts";

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
  expect(loadTemplates(undefined)).toEqual({});
  const template = (): string => "";
  expect(loadTemplates(template)).toEqual({ html: template });
});

test("a file is read once, and its placeholders are filled in and escaped", () => {
  const path = write("page.html", "<h1>{{title}} in {{retryAfter}} s</h1>{{message}}");
  const { html } = loadTemplates(path);
  rmSync(path);
  expect(html?.(view)).toBe("<h1>Back soon in 60 s</h1>&lt;Soon&gt;");
});

test("a file that can't be read or is too large is an error at the start that names it", () => {
  expect(() => loadTemplates(join(folder, "none.html"))).toThrow(/none\.html" can't be read/);
  expect(() => loadTemplates(write("large.html", "x".repeat(600_000)))).toThrow(/600000 bytes/);
});

test("a file with an unknown placeholder is an error at the start that names file and line", () => {
  const path = write("wrong.html", "<h1>\n{{user}}</h1>");
  expect(() => loadTemplates(path)).toThrow(/wrong\.html.*line 2/s);
});

describe("a folder", () => {
  const inFolder = (name: string, files: Record<string, string>): string => {
    mkdirSync(join(folder, name));
    for (const [file, text] of Object.entries(files)) write(join(name, file), text);
    return join(folder, name);
  };

  test("has one file a format, and each escapes in its own way", () => {
    const {
      html,
      text,
      problem,
      "problem-xml": xml,
    } = loadTemplates(
      inFolder("all", {
        "page.html": "<p>{{message}}</p>",
        "page.txt": "{{message}} & more",
        "page.json": '{"say": "{{message}}", "in": {{retryAfter}}}',
        "page.xml": "<say>{{message}}</say>",
        "notes.md": "{{nothing}}",
      }),
    );
    const hostile = { ...view, message: '<"Soon\n&' };
    expect(html?.(hostile)).toBe("<p>&lt;&quot;Soon\n&amp;</p>");
    expect(text?.(hostile)).toBe('<"Soon\n& & more');
    expect(JSON.parse(problem?.(hostile) ?? "")).toEqual({ say: '<"Soon\n&', in: 60 });
    expect(xml?.(hostile)).toBe("<say>&lt;&quot;Soon\n&amp;</say>");
  });

  test("with some of them leaves the other formats as they are", () => {
    expect(Object.keys(loadTemplates(inFolder("some", { "page.txt": "Soon" })))).toEqual(["text"]);
  });

  test("with none of them is an error that says what they are called", () => {
    const path = inFolder("none", { "index.html": "Soon" });
    expect(() => loadTemplates(path)).toThrow(/some of page\.html, page\.txt, page\.json, page\.xml/);
  });

  test("with one that can't be used is an error that names it", () => {
    expect(() => loadTemplates(inFolder("wrong", { "page.txt": "a\n{{b}}" }))).toThrow(/page\.txt.*line 2/);
    expect(() => loadTemplates(inFolder("bad", { "page.json": '{"say": {{message}}}' }))).toThrow(
      /page\.json.*does not produce JSON/,
    );
  });
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
