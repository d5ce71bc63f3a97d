import { IntermissionError, show } from "../core/errors.ts";
import type { PageView } from "../core/options.ts";
import { escapeHtml } from "./markup.ts";

const placeholders = {
  title: true,
  message: true,
  retryAfter: true,
  status: true,
  language: true,
} as const satisfies Record<keyof PageView, true>;

const allowed = Object.keys(placeholders)
  .map((name) => `{{${name}}}`)
  .join(", ");

const maximumLength = 1024 * 1024;
const maximumNameLength = 64;

/**
 * Turns an HTML file with placeholders into a function that makes the page. Values are HTML-escaped.
 *
 * @throws IntermissionError `bad-option` for an unknown placeholder or a Django tag, with its line, and for a text that
 * is empty or longer than 1 Mi characters.
 */
export function compileTemplate(text: string): (view: PageView) => string {
  if (text.trim() === "" || text.length > maximumLength) {
    throw new IntermissionError("bad-option", {
      problem: "The template can't be used",
      expected: `an HTML page of at most ${String(maximumLength)} characters`,
      got: text.length > maximumLength ? `${String(text.length)} characters` : "an empty one",
    });
  }
  const parts = parse(text);
  return (view) =>
    parts.map((part) => (part.name === undefined ? part.text : escapeHtml(String(view[part.name])))).join("");
}

type Part = { readonly name?: undefined; readonly text: string } | { readonly name: keyof PageView };

function parse(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { index, 0: opening } of text.matchAll(/\{\{|\{%/g)) {
    if (index < end) continue;
    if (opening !== "{{") throw djangoTag(text, index);
    const close = text.indexOf("}}", index);
    const name =
      close < 0 || close - index > maximumNameLength ? undefined : text.slice(index + 2, close).trim();
    if (name === undefined || !isPlaceholder(name)) throw unknownPlaceholder(text, index, name);
    parts.push({ text: text.slice(end, index) }, { name });
    end = close + 2;
  }
  parts.push({ text: text.slice(end) });
  return parts;
}

function isPlaceholder(name: string): name is keyof PageView {
  return Object.hasOwn(placeholders, name);
}

function unknownPlaceholder(text: string, index: number, name: string | undefined): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: `The template can't be used: line ${String(lineOf(text, index))} has a placeholder that is none`,
    expected: `one of ${allowed}`,
    got: name === undefined ? "{{ without }}" : show(`{{${name}}}`),
    remedy: "Mend its spelling or write the text itself in its place.",
  });
}

function djangoTag(text: string, index: number): IntermissionError {
  const line = lineOf(text, index);
  return new IntermissionError("bad-option", {
    problem: `The template can't be used: line ${String(line)} has a tag of a Django template`,
    expected: `plain HTML with ${allowed}`,
    got: show(text.slice(index, index + maximumNameLength).split("\n", 1)[0]),
    remedy:
      "To carry a Django template over, save the page as Django renders it (`curl` it, or `render_to_string`), and use " +
      "that HTML with {{title}} and {{message}} where the texts are.",
  });
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
