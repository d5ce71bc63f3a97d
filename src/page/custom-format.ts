import type { PageFormat } from "../core/settings/page-options.ts";
import { inertPolicy, type Content, type Format } from "./format.ts";
import type { PageView } from "../core/settings/page-options.ts";

/** Wraps an operator's format. It throws whatever its `render` throws. */
export function toFormat({ mediaTypes, contentType, render }: PageFormat): Format {
  const [first = ""] = mediaTypes;
  return {
    name: `custom ${mediaTypes.join(" ")}`,
    mediaTypes: new RegExp(`^(?:${mediaTypes.map((type) => type.replace(/[^\w/]/g, "\\$&")).join("|")})$`),
    destinations: [],
    contentType: contentType ?? first,
    contentSecurityPolicy: inertPolicy,
    render: (content) => callRender(render, content),
  };
}

export function callRender(render: (view: PageView) => unknown, content: Content): string {
  const { status, retryAfter, language, title, message } = content;
  const made = render({ status, retryAfter, language, title, message });
  if (typeof made === "string") return made;
  // Nobody awaits an async template's promise, so its rejection would end the process.
  void Promise.resolve(made).catch(() => undefined);
  throw new TypeError("The template returned no text. It must return a string, not a promise.");
}
