import { IntermissionError, reasonOf, show } from "../core/errors.ts";
import type { PageView } from "../core/settings/page-options.ts";

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

/** How a value is escaped in each kind of file. */
const escapes = {
  html: escapeHtml,
  // The same five characters: XML 1.0, 4.6, and numeric references.
  xml: escapeHtml,
  // Between quotation marks.
  json: (text: string) => JSON.stringify(text).slice(1, -1),
  txt: (text: string) => text,
} as const;

export type TemplateKind = keyof typeof escapes;

/**
 * Compiles a file with placeholders into a function that renders the page. Values are escaped as its kind
 * requires.
 *
 * @throws IntermissionError `bad-option` for an unknown placeholder or a Django tag, with its line; for a
 * text that is empty or longer than 1 Mi characters; and for invalid JSON.
 */
export function compileTemplate(text: string, kind: TemplateKind = "html"): (view: PageView) => string {
  if (text.trim() === "" || text.length > maximumLength) {
    throw new IntermissionError("bad-option", {
      problem: "The template can't be used",
      expected: `a page of at most ${String(maximumLength)} characters`,
      got: text.length > maximumLength ? `${String(text.length)} characters` : "an empty one",
    });
  }
  const parts = parse(text);
  const escape = escapes[kind];
  const render = (view: PageView): string =>
    parts.map((part) => (part.name === undefined ? part.text : escape(String(view[part.name])))).join("");
  if (kind === "json") refuseBadJson(render);
  return render;
}

/** One sample page is enough: escaped values can't end the strings they are in. */
function refuseBadJson(render: (view: PageView) => string): void {
  const text = render({ status: 503, retryAfter: 60, language: "en", title: "title", message: "message" });
  try {
    JSON.parse(text);
  } catch (error) {
    throw new IntermissionError("bad-option", {
      problem: "The template does not produce JSON",
      expected: "JSON with placeholders between quotation marks, or {{status}} and {{retryAfter}} as numbers",
      got: reasonOf(error),
      cause: error,
    });
  }
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
    problem: `The template can't be used: line ${String(lineOf(text, index))} has an unknown placeholder`,
    expected: `one of ${allowed}`,
    got: name === undefined ? "{{ without }}" : show(`{{${name}}}`),
    remedy: "Correct its spelling, or write the text itself.",
  });
}

function djangoTag(text: string, index: number): IntermissionError {
  const line = lineOf(text, index);
  const tag = text.slice(index, index + maximumNameLength).split("\n", 1)[0] ?? "";
  return new IntermissionError("bad-option", {
    problem: `The template can't be used: line ${String(line)} has a tag of a Django template`,
    expected: `plain HTML with ${allowed}`,
    got: show(tag),
    remedy: djangoRemedy(tag),
  });
}

/** How to port what django-maintenance-page expects in `maintenance.html`. */
function djangoRemedy(tag: string): string {
  const [, word] = /^\{%-?\s*(\w+)/.exec(tag) ?? [];
  switch (word) {
    case "trans":
    case "translate":
    case "blocktrans":
    case "blocktranslate":
      return "Write {{title}} or {{message}} in its place: they are in the visitor's language. Or write the text itself.";
    case "load":
      return "Leave it out: there is nothing to load.";
    case "static":
      return "Put the file into the page itself, or write its whole https address: your app can't send it now.";
    default:
      return (
        "To carry a Django template over, save the page as Django renders it (`curl` it, or `render_to_string`), and use " +
        "that HTML with {{title}} and {{message}} where the texts are."
      );
  }
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

const content = Symbol("markup");

/** Markup that is safe to send. Only {@link markup} creates it. */
export interface Markup {
  readonly [content]: string;
}

export type MarkupValue = string | number | Markup | readonly Markup[] | undefined;

/**
 * Creates markup: literal parts stay as they are; values are escaped unless they are {@link Markup}
 * themselves. `undefined` renders nothing. Put values only in text or quoted attributes.
 *
 * Not named `html`: formatters rewrite templates of that name, but the policy hashes the exact bytes.
 */
export function markup(literals: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let text = literals[0] ?? "";
  values.forEach((value, index) => {
    text += toMarkup(value) + (literals[index + 1] ?? "");
  });
  return { [content]: text };
}

export function toText(made: Markup): string {
  return made[content];
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

function toMarkup(value: MarkupValue): string {
  if (value === undefined) return "";
  if (typeof value === "object") return "map" in value ? value.map(toText).join("") : toText(value);
  return escapeHtml(String(value));
}
