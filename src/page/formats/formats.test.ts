import { describe, expect, test } from "vitest";
import type { Content } from "../format.ts";
import { en } from "../languages/en.ts";
import { toParagraphs } from "../messages.ts";
import { formats } from "./index.ts";
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
};

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

describe("empty", () => {
  test("is empty", () => {
    expect(empty.render(content)).toBe("");
  });
});
