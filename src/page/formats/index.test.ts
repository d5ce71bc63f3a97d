import { describe, expect, test } from "vitest";
import type { Content } from "../format.ts";
import { en } from "../languages/en.ts";
import { toParagraphs } from "../messages.ts";
import { defaultTheme } from "../themes/default/index.ts";
import { eventStream } from "./event-stream.ts";
import { fragment } from "./fragment.ts";
import { graphql } from "./graphql.ts";
import { createHtml } from "./html/index.ts";
import { createFormats } from "./index.ts";
import { jsonApi } from "./json-api.ts";
import { problemXml } from "./problem-xml.ts";
import { empty } from "./empty.ts";
import { problem } from "./problem.ts";
import { text } from "./text.ts";

const paragraphs = toParagraphs(en, 60, false);
const content: Content = {
  status: 503,
  retryAfter: 60,
  language: "en",
  title: en.title,
  message: paragraphs.join(" "),
  paragraphs,
  repeatable: false,
  messages: en,
  links: [],
};
const { named: formats } = createFormats(createHtml(defaultTheme, {}));

describe("every format", () => {
  test("has a name of its own", () => {
    expect(new Set(formats.map(({ name }) => name)).size).toBe(formats.length);
  });

  test("asks for destinations that no other asks for", () => {
    const destinations = formats.flatMap((format) => format.destinations);
    expect(new Set(destinations).size).toBe(destinations.length);
  });

  test.each(formats.map((format) => [format.name, format] as const))(
    "%s is asked for by its own media type, unless it is empty",
    (name, format) => {
      const mediaType = format.contentType.split(";")[0] ?? "";
      expect(format.mediaTypes.test(mediaType)).toBe(name !== "empty");
    },
  );
});

/** None of its characters may end the context it is in. */
const hostile = "\"'</detail>]]>&\n\ndata: x\u0000\u2028";

describe("problem-xml", () => {
  test("has the elements of problem details, in their namespace (RFC 9457 appendix B)", () => {
    expect(problemXml.render(content)).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<problem xmlns="urn:ietf:rfc:7807" xml:lang="en">',
        "<type>urn:intermission:maintenance</type>",
        '<title xml:lang="en">Service Unavailable</title>',
        "<status>503</status>",
        `<detail>${content.message}</detail>`,
        "<retryAfter>60</retryAfter>",
        "</problem>",
        "",
      ].join("\n"),
    );
  });

  test("escapes whatever it says, and leaves out what XML can't have", () => {
    expect(problemXml.render({ ...content, message: hostile })).toContain(
      "<detail>&quot;&#39;&lt;/detail&gt;]]&gt;&amp;\n\ndata: x\ufffd\u2028</detail>",
    );
  });
});

describe("graphql", () => {
  test("is a request error: errors, and no data (GraphQL over HTTP)", () => {
    expect(JSON.parse(graphql.render(content))).toEqual({
      errors: [
        {
          message: content.message,
          extensions: {
            code: "SERVICE_UNAVAILABLE",
            type: "urn:intermission:maintenance",
            status: 503,
            retryAfter: 60,
          },
        },
      ],
    });
  });
});

describe("json-api", () => {
  test("is a document with one error, whose status is a text", () => {
    expect(JSON.parse(jsonApi.render(content))).toEqual({
      jsonapi: { version: "1.1" },
      errors: [
        {
          status: "503",
          code: "maintenance",
          title: "Service Unavailable",
          detail: content.message,
          links: { type: "urn:intermission:maintenance" },
          meta: { retryAfter: 60 },
        },
      ],
    });
  });
});

describe("event-stream", () => {
  test("is one event, whatever it says", () => {
    const [retry, event, data, ...rest] = eventStream.render({ ...content, message: hostile }).split("\n");
    expect([retry, event, ...rest]).toEqual(["retry: 60000", "event: maintenance", "", ""]);
    expect(JSON.parse(data?.replace("data: ", "") ?? "")).toMatchObject({ detail: hostile });
  });
});

describe("fragment", () => {
  test("has the words and no document, escaped", () => {
    const made = fragment.render({ ...content, title: hostile });
    expect(made).toContain(`<p>${en.explanation}</p>`);
    expect(made).not.toMatch(/<html|<script|<style|<\/detail/);
  });
});

describe("problem", () => {
  test("is problem details with the status that is sent (RFC 9457)", () => {
    expect(JSON.parse(problem.render({ ...content, status: 418 }))).toEqual({
      type: "urn:intermission:maintenance",
      title: "Service Unavailable",
      status: 418,
      detail: content.message,
      retryAfter: 60,
    });
  });
});

describe("text", () => {
  test("is a few short lines that end with a line break", () => {
    const lines = text.render(content).split("\n");
    expect(lines).toEqual([en.title, "", ...paragraphs, ""]);
  });
});

test("text ends with the brand's links", () => {
  const links = [{ label: "Status page", address: "https://status.example/" }];
  expect(text.render({ ...content, links })).toMatch(/\n\nStatus page: https:\/\/status\.example\/\n$/);
});

describe("empty", () => {
  test("is empty", () => {
    expect(empty.render(content)).toBe("");
  });
});
