const content = Symbol("markup");

/** Markup that may be sent as it is. Only {@link markup} makes it. */
export interface Markup {
  readonly [content]: string;
}

export type MarkupValue = string | number | Markup | readonly Markup[] | undefined;

/**
 * Makes markup: the literal parts are taken as they are, every value is escaped unless it is {@link Markup} itself.
 * `undefined` is nothing. Values belong into text or into quoted attributes.
 *
 * Not named `html`: formatters rewrite what stands in a template of that name, and a policy counts the bytes.
 */
export function markup(literals: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let text = literals[0] ?? "";
  values.forEach((value, index) => {
    text += toMarkup(value) + (literals[index + 1] ?? "");
  });
  return { [content]: text };
}

/** The markup as text, for sending. */
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
