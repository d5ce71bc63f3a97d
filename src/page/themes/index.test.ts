import { brotliCompressSync } from "node:zlib";
import { HtmlValidate } from "html-validate";
import { describe, expect, test } from "vitest";
import { themeNames } from "../../core/settings/page-options.ts";
import { contrast, leastContrast } from "../contrast.ts";
import { createPages, type Brand } from "../index.ts";
import { toText } from "../template.ts";
import { themes } from "./index.ts";

const brand: Brand = {
  name: "The shop & co",
  logo: "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
  accent: "#ffcc00",
  support: "mailto:help@shop.example",
  statusPage: "https://status.shop.example/?a=1&b=2",
};

const htmlValidate = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:document", "html-validate:a11y"],
  // HTML allows both; lower case compresses better.
  rules: { "doctype-style": ["error", { style: "lowercase" }] },
});

describe.each(themeNames)("the theme %s", (name) => {
  const theme = themes[name];
  const style = toText(theme.style);
  const pageFor = createPages({
    statusCode: 503,
    retryAfter: 60,
    theme: name,
    onFailure: (error) => {
      throw error;
    },
  });

  test.each(["light", "dark"] as const)("has colours that can be read, %s", (scheme) => {
    const { ink, quiet, accent, paper } = theme[scheme];
    expect(contrast(ink, paper)).toBeGreaterThanOrEqual(7);
    expect(contrast(quiet, paper)).toBeGreaterThanOrEqual(7);
    expect(contrast(accent, paper)).toBeGreaterThanOrEqual(leastContrast);
  });

  test("stands still within five seconds, and from the start for who wants no motion", () => {
    const moving = [...style.matchAll(/animation: \w+ ([\d.]+)s [\w -]+? (\d+)(?: alternate)?;/g)];
    for (const [, seconds, times] of moving) expect(Number(seconds) * Number(times)).toBeLessThan(5);
    const still = style.split("@media (prefers-reduced-motion: reduce)")[1] ?? "";
    expect(still.match(/animation: none;/g) ?? []).toHaveLength(moving.length);
    expect(style.match(/animation:|transition:/g) ?? []).toHaveLength(2 * moving.length);
  });

  test("loads nothing", () => {
    expect(style).not.toMatch(/url\((?!#)|@import|@font-face/);
    const { body } = pageFor({ method: "GET" });
    const page = new TextDecoder().decode(body);
    const addresses = [...page.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(
      ([, address]) => address ?? "",
    );
    expect(addresses.filter((address) => !/^$|^data:,$|^#/.test(address))).toEqual([]);
  });

  test("is small, and comes with the first segments of a connection, headers and all", () => {
    const { body, headers } = pageFor({ method: "POST" });
    expect(body.byteLength).toBeLessThan(10 * 1024);
    expect(brotliCompressSync(body).byteLength).toBeLessThan(4 * 1024);
    // Ten segments of 1460 bytes: RFC 6928.
    const head = Object.entries(headers)
      .map((header) => header.join(": "))
      .join("\r\n");
    expect(body.byteLength + head.length + 1024).toBeLessThan(14_600);
  });

  test.each(["GET", "POST"])("is valid HTML in answer to %s, with a brand and without", async (method) => {
    for (const given of [undefined, brand]) {
      const pages = createPages({
        statusCode: 503,
        retryAfter: 60,
        theme: name,
        brand: given,
        onFailure: () => undefined,
      });
      const page = new TextDecoder().decode(pages({ method, accept: "text/html" }).body);
      const report = await htmlValidate.validateString(page);
      expect(
        report.results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => [ruleId, message])),
      ).toEqual([]);
    }
  });
});
