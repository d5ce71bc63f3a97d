import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PageRequest } from "../core/ports.ts";
import { toFormat } from "./custom-format.ts";
import { createHtml } from "./formats/html/index.ts";
import { createFormats } from "./formats/index.ts";
import { createNegotiator } from "./index.ts";
import { defaultTheme } from "./themes/default/index.ts";

const html = createHtml(defaultTheme, {});
const formats = createFormats(html);
const chooseFormat = createNegotiator(formats);

function formatFor(request: Partial<PageRequest>): string {
  return chooseFormat({ method: "GET", ...request }).name;
}

describe("the Accept header", () => {
  test.each([
    [
      "Chrome, navigation",
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
      "html",
    ],
    [
      "Firefox and Safari, navigation",
      "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      "html",
    ],
    [
      "Firefox 92 to 127, navigation",
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8",
      "html",
    ],
    ["Turbo, form", "text/vnd.turbo-stream.html, text/html, application/xhtml+xml", "html"],
    ["jQuery, html", "text/html, */*; q=0.01", "html"],
    ["an old Java client", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "html"],
    ["a feed reader", "application/atom+xml, application/rss+xml, text/html;q=0.5, */*;q=0.3", "html"],
    ["axios", "application/json, text/plain, */*", "problem"],
    ["jQuery, json", "application/json, text/javascript, */*; q=0.01", "problem"],
    ["JSON:API", "application/vnd.api+json", "json-api"],
    ["GraphQL", "application/graphql-response+json, application/json;q=0.9", "graphql"],
    [
      "urql",
      "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
      "graphql",
    ],
    ["a GraphQL client of old", "application/json", "problem"],
    ["EventSource", "text/event-stream", "event-stream"],
    ["an XML client", "application/xml, text/xml;q=0.9", "problem-xml"],
    ["problem details as XML", "application/problem+xml", "problem-xml"],
    [
      "an old WebKit, navigation",
      "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5",
      "html",
    ],
    ["problem details", "application/problem+json", "problem"],
    ["Ruby's and Go's API clients", "application/json; charset=utf-8", "problem"],
    ["a text reader", "text/plain", "text"],
    ["lynx", "text/html, text/plain, text/sgml, text/css, */*;q=0.01", "html"],
    ["Chrome, image", "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "empty"],
    ["Firefox, image", "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "empty"],
    ["a style sheet", "text/css,*/*;q=0.1", "empty"],
    [
      "jQuery, script",
      "text/javascript, application/javascript, application/ecmascript, application/x-ecmascript, */*; q=0.01",
      "empty",
    ],
    ["curl, fetch, script tags", "*/*", "html"],
    ["nothing we have", "application/pdf", "html"],
    ["nothing", "", "html"],
  ])("of %s", (_client, accept, expected) => {
    expect(formatFor({ accept })).toBe(expected);
  });

  test.each([
    ["the highest quality wins", "text/html;q=0.4, application/json;q=0.6", "problem"],
    ["the first in the header does not", "text/plain, text/html", "html"],
    ["of equal quality, the one that is named in full wins", "text/*, application/json", "problem"],
    ["a range in full outweighs the range of its type", "text/*;q=0.9, text/html;q=0.1", "text"],
    ["a type group is a preference", "application/*, text/html;q=0.5", "problem"],
    ["text of any kind is HTML", "text/*", "html"],
    ["a format that is refused is not sent", "text/html;q=0, */*", "problem"],
    ["nor is one that is wanted less than anything else", "text/html;q=0.1, */*;q=0.8", "problem"],
    ["when all are refused, HTML is sent", "text/*;q=0, application/*;q=0, image/*;q=0", "html"],
    ["case and spaces do not matter", " APPLICATION/JSON ;Q=1 , */* ", "problem"],
  ])("%s: %s", (_rule, accept, expected) => {
    expect(formatFor({ accept })).toBe(expected);
  });

  test("outweighs all other signs", () => {
    const signs = { fetchDestination: "document", failedContentType: "text/html" };
    expect(formatFor({ accept: "application/json", ...signs })).toBe("problem");
    expect(
      formatFor({ accept: "text/html", fetchDestination: "empty", requestedWith: "XMLHttpRequest" }),
    ).toBe("html");
  });

  test("that refuses the format of the other signs moves on to the next one", () => {
    expect(formatFor({ accept: "application/json;q=0, */*", fetchDestination: "empty" })).toBe("html");
  });
});

describe("without a preference in Accept", () => {
  test.each([
    ["document", "html"],
    ["iframe", "html"],
    ["frame", "html"],
    ["empty", "problem"],
    ["image", "empty"],
    ["script", "empty"],
    ["style", "empty"],
    ["font", "empty"],
    ["audio", "empty"],
    ["video", "empty"],
    ["worker", "empty"],
    ["Document", "html"],
    ["something-new", "html"],
  ])("Sec-Fetch-Dest: %s gets %s", (fetchDestination, expected) => {
    expect(formatFor({ accept: "*/*", fetchDestination })).toBe(expected);
    expect(formatFor({ fetchDestination })).toBe(expected);
  });

  test("Sec-Fetch-Dest outweighs X-Requested-With", () => {
    expect(formatFor({ fetchDestination: "document", requestedWith: "XMLHttpRequest" })).toBe("html");
  });

  test("a request by XMLHttpRequest gets a problem, one from an Android app's web view does not", () => {
    expect(formatFor({ requestedWith: "xmlhttprequest", failedContentType: "text/html" })).toBe("problem");
    expect(formatFor({ requestedWith: "com.example.app" })).toBe("html");
  });

  test.each([
    ["application/json; charset=utf-8", "problem"],
    ["application/vnd.api+json", "json-api"],
    ["application/xml", "problem-xml"],
    ["text/event-stream", "event-stream"],
    ["text/plain;charset=UTF-8", "text"],
    ["text/html", "html"],
    ["application/octet-stream", "html"],
    ["", "html"],
    [undefined, "html"],
  ])("a failed response of type %s gets %s", (failedContentType, expected) => {
    expect(formatFor({ accept: "*/*", failedContentType })).toBe(expected);
  });
});

describe("htmx", () => {
  test("gets a fragment for a part of its page, and a document for the whole", () => {
    expect(formatFor({ accept: "*/*", htmxRequest: "true" })).toBe("fragment");
    expect(formatFor({ accept: "*/*", htmxRequest: "true", htmxBoosted: "true" })).toBe("html");
    expect(formatFor({ htmxRequest: "false" })).toBe("html");
  });

  test("gets HTML whatever it looks like, but not where it asks for something else", () => {
    const htmx = { htmxRequest: "true", fetchDestination: "empty", requestedWith: "XMLHttpRequest" };
    expect(formatFor(htmx)).toBe("fragment");
    expect(formatFor({ ...htmx, accept: "text/html, */*" })).toBe("fragment");
    expect(formatFor({ ...htmx, htmxBoosted: "true" })).toBe("html");
    expect(formatFor({ ...htmx, accept: "application/json" })).toBe("problem");
  });
});

describe("a format of the operator", () => {
  const custom = toFormat({ mediaTypes: ["text/csv", "application/vnd.shop+json"], render: () => "" });
  const choose = createNegotiator(createFormats(html, [custom]));
  const accepts = (accept: string): string => choose({ method: "GET", accept }).name;

  test("has its types, those too that a built-in one would take", () => {
    expect(accepts("text/csv")).toBe(custom.name);
    expect(accepts("application/vnd.shop+json, application/json;q=0.5")).toBe(custom.name);
    expect(accepts("application/vnd.shopping+json")).toBe("problem");
    expect(accepts("application/vndxshop+json")).toBe("problem");
  });

  test("is not sent to who did not name it", () => {
    expect(accepts("*/*")).toBe("html");
    expect(accepts("text/*")).toBe("html");
    expect(accepts("text/html;q=0, */*")).toBe("problem");
  });
});

describe("any request", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(
        fc.constantFrom(
          "text/html",
          "image/*",
          "*/*",
          "a/b+json",
          ",",
          ";q=",
          "0",
          ".5",
          "/",
          "+json",
          " ",
          '"',
        ),
      )
      .map((pieces) => pieces.join("")),
  );
  const header = fc.option(hostile, { nil: undefined });

  test("gets one of the formats, and no exception", () => {
    fc.assert(
      fc.property(
        fc.record({
          method: fc.string(),
          accept: header,
          fetchDestination: header,
          requestedWith: header,
          htmxRequest: header,
          failedContentType: header,
        }),
        (request) => {
          expect([...formats.named, formats.fragment]).toContain(chooseFormat(request));
        },
      ),
    );
  });

  test.each([
    ["one endless range", `text/${"a".repeat(1_000_000)}`],
    ["commas", ",".repeat(1_000_000)],
    ["semicolons", `text/html${";".repeat(1_000_000)}`],
    ["slashes", "/".repeat(1_000_000)],
    ["a suffix that nearly fits", `a/${"+json".repeat(200_000)}x`],
  ])("of a million characters (%s) takes no longer than a short one", (_name, huge) => {
    const start = performance.now();
    for (let round = 0; round < 100; round += 1) {
      chooseFormat({ method: "GET", accept: huge });
    }
    const each = (performance.now() - start) / 100;
    expect(each).toBeLessThan(5);
  });
});
