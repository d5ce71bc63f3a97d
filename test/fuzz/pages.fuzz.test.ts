import { validateHeaderName, validateHeaderValue } from "node:http";
import fc, { type Arbitrary } from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Intermission } from "../../src/core/intermission.ts";
import type { Page, PageRequest } from "../../src/core/ports.ts";
import { addVary } from "../../src/http/headers.ts";
import { compileTemplate } from "../../src/page/template.ts";
import { midDeploy } from "../support/deploy-window.ts";
import { expectLinear, fuzz, refusalOf, text } from "./cases.ts";
import { failedAnswer } from "../support/failed-answer.ts";

/** In everything of a visit that comes from outside, so that it can be searched for in the page. */
const mark = "qzmarkzq";

const mediaType = fc.constantFrom(
  "text/html",
  "application/json",
  "application/problem+json",
  "application/graphql-response+json",
  "application/vnd.api+json",
  "application/xml",
  "text/event-stream",
  "text/plain",
  "text/*",
  "image/webp",
  "*/*",
  "application/*",
  "text/css",
  `text/${mark}`,
);
const quality = fc.oneof(
  fc.constantFrom(
    "",
    ";q=0",
    ";q=1",
    ";q=.5",
    ";Q=0.001",
    ";q=",
    ";q=2",
    ";q=-1",
    ";q=NaN",
    ";q=1e-9",
    `;${mark}=1`,
  ),
  text.map((odd) => `;q=${odd}`),
);
const list = (item: Arbitrary<string>): Arbitrary<string> =>
  fc.array(item, { maxLength: 40 }).map((items) => items.join(","));
const accept = fc.oneof(
  list(fc.tuple(mediaType, quality).map((parts) => parts.join(""))),
  list(text),
  text,
  text.map((odd) => mark + odd),
);
const language = fc.oneof(
  list(
    fc
      .tuple(fc.constantFrom("en", "de-CH", "zh-Hant", "*", "x", mark, "i-klingon", "a-b-c-d-e"), quality)
      .map((parts) => parts.join("")),
  ),
  text,
  text.map((odd) => mark + odd),
);
const sign = fc.oneof(
  fc.constantFrom("document", "iframe", "empty", "image", "script", "style", "font", "XMLHttpRequest", mark),
  text.map((odd) => mark + odd),
  text,
);

const visit: Arbitrary<PageRequest> = fc.record(
  {
    method: fc.oneof(fc.constantFrom("GET", "HEAD", "POST", "get", mark), text),
    accept,
    acceptLanguage: language,
    fetchDestination: sign,
    requestedWith: sign,
    htmxRequest: sign,
    htmxBoosted: sign,
    failedContentType: fc.oneof(accept, sign),
  },
  { requiredKeys: ["method"] },
);

let intermission: Intermission;
beforeAll(async () => {
  intermission = await midDeploy();
});

/** The page must consist of our own texts only, with headers that can be sent. */
function expectSound(page: Page, known: Map<Uint8Array, string>): string {
  for (const [name, value] of Object.entries(page.headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (value.includes(mark) || /[^\x20-\x7e]/.test(value)) throw new Error(`header ${name}: ${value}`);
  }
  let body = known.get(page.body);
  if (body === undefined) {
    body = Buffer.from(page.body).toString("utf8");
    known.set(page.body, body);
  }
  if (body.includes(mark)) throw new Error(`body: ${body}`);
  return page.headers["content-type"] ?? "";
}

describe("the page for any visit", () => {
  test("is one of ours, and has nothing in it that the visit brought along", () => {
    const known = new Map<Uint8Array, string>();
    const types = new Set<string>();
    fuzz(visit, (given) => {
      const page = intermission.page(given);
      expect(page.status).toBe(503);
      types.add(expectSound(page, known));
    });
    expect([...types].sort()).toEqual([
      "application/graphql-response+json",
      "application/problem+json",
      "application/problem+xml",
      "application/vnd.api+json",
      "text/event-stream; charset=utf-8",
      "text/html; charset=utf-8",
      "text/plain; charset=utf-8",
    ]);
    // Made once and not for each visit: odd visitors don't fill the memory.
    expect(known.size).toBeLessThan(100);
  });

  test("any facts have a verdict", () => {
    const facts = fc.record({
      status: fc.oneof(fc.integer(), fc.double()),
      path: text,
      contentType: text,
      retryAfter: fc.boolean(),
    });
    fuzz(facts, (given) => {
      const replacement = intermission.replacementFor(failedAnswer(given));
      if (replacement instanceof Promise) return;
      const isError = given.status >= 500 && given.status <= 599;
      if (!isError && replacement !== undefined) throw new Error(JSON.stringify(given));
    });
  });

  test.each(["a", ",", ";", "q=1;", "text/html,", "*/*;q=0.1,", " ", "/", "-", "\u00e9"])(
    "headers of 64 KiB of %j cost no more than their length",
    (unit) => {
      for (const name of [
        "accept",
        "acceptLanguage",
        "fetchDestination",
        "requestedWith",
        "failedContentType",
      ])
        expectLinear(
          (length) => intermission.page({ method: "GET", [name]: unit.repeat(length / unit.length) }),
          64 * 1024,
        );
    },
  );
});

describe("what is near the page", () => {
  test("a Vary header keeps what it has", () => {
    fuzz(fc.option(text, { nil: undefined }), (existing) => {
      const vary = addVary(existing, "Accept, Accept-Language");
      if (existing !== undefined && existing.trim() !== "" && !vary.startsWith(existing))
        throw new Error(vary);
    });
  });

  test("a template is refused with a safe message, or makes a page with its values escaped", () => {
    const part = fc.oneof(
      fc.constantFrom("{{title}}", "{{ message }}", "{{status}}", "{{", "}}", "{%", "{{nothing}}", "<p>"),
      text,
    );
    let compiled = 0;
    fuzz(
      fc.tuple(
        fc.array(part, { maxLength: 6 }).map((parts) => parts.join("")),
        text,
      ),
      ([template, value]) => {
        refusalOf(() => {
          const make = compileTemplate(template);
          compiled++;
          const evil = `<${mark}>${value}`;
          const page = make({ status: 503, retryAfter: 60, language: "en", title: evil, message: evil });
          if (page.includes(`<${mark}>`)) throw new Error(`unescaped: ${page}`);
        });
      },
    );
    expect(compiled).toBeGreaterThan(0);
  });

  test.each(["{", "{{", "{{title}}", "}}", "a", "{%", "{{ ", "\n"])(
    "a template of 1 MiB of %j costs no more than its length",
    (unit) => {
      expectLinear(
        (length) => refusalOf(() => compileTemplate(unit.repeat(length / unit.length))),
        1024 * 1024,
      );
    },
  );
});
