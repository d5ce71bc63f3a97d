import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IntermissionError } from "../core/errors.ts";
import type { PageView } from "../core/settings/page-options.ts";
import { compileTemplate, escapeHtml, markup, toText, type MarkupValue } from "./template.ts";

const view: PageView = {
  status: 503,
  retryAfter: 60,
  language: "en",
  title: "Back soon",
  message: "Nothing you did caused this.",
};

function refusalOf(text: string): IntermissionError {
  try {
    compileTemplate(text);
  } catch (error) {
    if (error instanceof IntermissionError) return error;
    throw error;
  }
  throw new Error("The template was not refused.");
}

describe("compileTemplate", () => {
  test("puts each value where its placeholder stands", () => {
    const page = compileTemplate(
      '<html lang="{{language}}"><h1>{{ title }}</h1><p>{{message}} {{retryAfter}} s, {{status}}, {{title}}</p>',
    );
    expect(page(view)).toBe(
      '<html lang="en"><h1>Back soon</h1><p>Nothing you did caused this. 60 s, 503, Back soon</p>',
    );
  });

  test("leaves everything else as it is, braces of styles and scripts too", () => {
    const text =
      "<style>a{color:red}@media print{a{b:c}}</style><script>f({a:{}});`${$&}`</script> }} { {title}";
    expect(compileTemplate(text)(view)).toBe(text);
  });

  test("escapes values, and does not look for placeholders in them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (title) => {
        const made = compileTemplate('<a title="{{title}}">')({ ...view, title });
        const value = made.slice('<a title="'.length, -'">'.length);
        expect(value.replace(/&(?:amp|lt|gt|quot|#39);/g, "")).not.toMatch(/[<>"'&]/);
      }),
    );
    expect(compileTemplate("{{title}}")({ ...view, title: "{{status}} $&" })).toBe("{{status}} $&amp;");
  });

  test.each([
    ["an unknown one", "<p>\n\n{{release}}</p>", 3, '"{{release}}"'],
    ["one that every object has", "{{constructor}}", 1, '"{{constructor}}"'],
    ["one of Handlebars, unescaped", "{{{title}}}", 1, '"{{{title}}"'],
    ["one with a filter", "a\r\nb {{ title|upper }}", 2, '"{{title|upper}}"'],
    ["one that is not closed", "{{title", 1, "{{ without }}"],
    ["one that is closed too late", `{{${" ".repeat(100)}title}}`, 1, "{{ without }}"],
    ["an empty one", "{{}}", 1, '"{{}}"'],
  ])("refuses a placeholder: %s", (_name, text, line, got) => {
    const error = refusalOf(text);
    expect(error.code).toBe("bad-option");
    expect(error.problem).toContain(`line ${String(line)} `);
    expect(error.got).toBe(got);
    expect(error.expected).toContain("{{title}}, {{message}}, {{retryAfter}}, {{status}}, {{language}}");
  });

  test("refuses a Django template and says how to carry it over", () => {
    const error = refusalOf("{{title}}\n{% extends 'base.html' %}\n");
    expect(error.code).toBe("bad-option");
    expect(error.message).toContain("line 2");
    expect(error.message).toContain("{% extends 'base.html' %}");
    expect(error.remedy).toContain("as Django renders it");
  });

  test.each([
    ['{% trans "Maintenance" %}', "{{title}}"],
    ["{% blocktranslate %}", "visitor's language"],
    ["{%- load i18n %}", "nothing to load"],
    ["{% static 'logo.png' %}", "https address"],
    ["{% if user %}", "as Django renders it"],
  ])("says what to write in the place of %s", (tag, remedy) => {
    const error = refusalOf(`<p>\n${tag}`);
    expect(error.message).toContain("line 2");
    expect(error.remedy).toContain(remedy);
  });

  test("refuses an empty text and one of more than a Mi characters", () => {
    expect(refusalOf(" \n").got).toBe("an empty one");
    expect(refusalOf("a".repeat(1024 * 1024 + 1)).got).toBe("1048577 characters");
    expect(compileTemplate("a".repeat(1024 * 1024))(view)).toHaveLength(1024 * 1024);
  });
});

describe("markup", () => {
  test("takes the literal parts as they are and escapes every value", () => {
    const title = `<script>alert("it's & done")</script>`;
    const escaped = "&lt;script&gt;alert(&quot;it&#39;s &amp; done&quot;)&lt;/script&gt;";
    expect(toText(markup`<p title="${title}">${title}</p>`)).toBe(`<p title="${escaped}">${escaped}</p>`);
  });

  test("takes markup that it made itself as it is, alone or in a list", () => {
    const items = ["a", "<b>"].map((item) => markup`<li>${item}</li>`);
    expect(toText(markup`<ul>${items}</ul>${markup`<hr>`}`)).toBe(
      "<ul><li>a</li><li>&lt;b&gt;</li></ul><hr>",
    );
  });

  test("writes numbers, and nothing for undefined", () => {
    expect(toText(markup`<p data-status="${503}">${undefined}</p>`)).toBe('<p data-status="503"></p>');
  });

  test("can't be tricked by something that only looks like its own", () => {
    const forged = JSON.parse('{"text":"<b>","content":"<b>","markup":"<b>"}') as MarkupValue;
    expect(toText(markup`${forged}`)).not.toContain("<b>");
  });
});

describe("escapeHtml", () => {
  const entity = /&(?:amp|lt|gt|quot|#39);/g;

  test("leaves no character that has a meaning in text or in a quoted attribute", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeHtml(text).replace(entity, "")).not.toMatch(/[<>"'&]/);
      }),
    );
  });

  test("loses nothing", () => {
    const characters: Record<string, string> = {
      "&amp;": "&",
      "&lt;": "<",
      "&gt;": ">",
      "&quot;": '"',
      "&#39;": "'",
    };
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeHtml(text).replace(entity, (match) => characters[match] ?? "")).toBe(text);
      }),
    );
  });
});
