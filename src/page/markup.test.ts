import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeHtml, markup, toText, type MarkupValue } from "./template.ts";

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
