import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { describe, expect, test } from "vitest";
import type { Content } from "../../format.ts";
import { en } from "../../languages/en.ts";
import { toText } from "../../template.ts";
import { defaultTheme } from "../../themes/default/index.ts";
import { createHtml } from "./index.ts";
import { script } from "./script.ts";

const content: Content = {
  status: 503,
  retryAfter: 60,
  language: "en",
  title: en.title,
  message: en.explanation,
  paragraphs: [en.explanation],
  repeatable: true,
  messages: en,
  links: [],
};

const html = createHtml(defaultTheme, {});
const page = html.render(content);

function sha256(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function between(text: string, start: string, end: string): string {
  return text.split(start)[1]?.split(end)[0] ?? "";
}

describe("the policy", () => {
  test("allows the script of the page and no other", () => {
    const hash = sha256(between(page, "<script>", "</script>"));
    expect(html.contentSecurityPolicy).toContain(`script-src '${hash}';`);
    expect(page.match(/<script/g)).toHaveLength(1);
  });

  test("allows the style of the page and no other", () => {
    const hash = sha256(between(page, "<style>", "</style>"));
    expect(html.contentSecurityPolicy).toContain(`style-src '${hash}';`);
    expect(page.match(/<style/g)).toHaveLength(1);
    expect(page).not.toMatch(/ style=| on[a-z]+=/);
  });

  test("starts from nothing and never says unsafe", () => {
    expect(html.contentSecurityPolicy).toMatch(/^default-src 'none'; /);
    expect(html.contentSecurityPolicy).not.toContain("unsafe");
  });
});

describe("the document", () => {
  test("names nothing outside of itself", () => {
    expect(page).not.toMatch(/\/\/|url\((?!#)|@import|srcset|<iframe|<img/i);
    const addresses = [...page.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toEqual(["data:,", ""]);
  });

  test("does not reload by a meta tag, which nobody could stop (WCAG failure F41)", () => {
    expect(page).not.toMatch(/http-equiv/i);
  });

  test("has a language, a direction, a title and one heading", () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/);
    expect(page).toContain(`<title>${en.title}</title>`);
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page).toContain('<p role="status"></p>');
  });

  test("escapes whatever it is given", () => {
    const bad = `"><script>'&`;
    const messages = {
      ...en,
      language: bad,
      waiting: bad,
      stopped: bad,
      ready: bad,
      offline: bad,
      tryAgain: bad,
    };
    const hostile = html.render({ ...content, title: bad, paragraphs: [bad], messages });
    expect(hostile).not.toContain(bad);
    expect(hostile.match(/<script/g)).toHaveLength(1);
  });

  test("offers a link to who asked, and a way back to who sent", () => {
    expect(page).toContain('<a href="">Try again</a>');
    const sent = html.render({ ...content, repeatable: false });
    expect(sent).toContain('<button type="button" hidden>Go back</button>');
    expect(sent).not.toContain("<a ");
    expect(sent).toContain('data-method="other"');
  });
});

test("the script is one that engines understand", () => {
  expect(() => new Script(toText(script))).not.toThrow();
});
