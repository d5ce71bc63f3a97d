import { languages, type Language, themeNames, type ThemeName } from "../../core/settings/page-options.ts";
import type { Notice } from "../../core/state/manual.ts";
import type { PageCause, PageRequest } from "../../core/ports.ts";

interface ChosenFormat {
  readonly title: string;
  readonly pageRequest: Pick<PageRequest, "accept" | "htmxRequest">;
}

/** The formats to look at, and what a visitor sends to get them. */
export const formats = {
  html: { title: "HTML", pageRequest: { accept: "text/html" } },
  json: { title: "JSON", pageRequest: { accept: "application/problem+json" } },
  text: { title: "Text", pageRequest: { accept: "text/plain" } },
  xml: { title: "XML", pageRequest: { accept: "application/problem+xml" } },
  fragment: { title: "Fragment for htmx", pageRequest: { htmxRequest: "true" } },
  graphql: { title: "GraphQL", pageRequest: { accept: "application/graphql-response+json" } },
  "json-api": { title: "JSON:API", pageRequest: { accept: "application/vnd.api+json" } },
  "event-stream": { title: "Event stream", pageRequest: { accept: "text/event-stream" } },
} as const satisfies Readonly<Record<string, ChosenFormat>>;

interface Situation {
  readonly title: string;
  readonly method: string;
  readonly cause: PageCause;
  readonly notice: Notice;
}

/** Why a visitor may get the page. */
export const situations = {
  deploy: { title: "An error in a deploy", method: "GET", cause: "deploy", notice: {} },
  post: { title: "The same, to a form that was sent", method: "POST", cause: "deploy", notice: {} },
  manual: {
    title: "Manual mode, with a message",
    method: "GET",
    cause: "manual",
    notice: { message: "We are moving to new machines. Your orders are safe.", backIn: 1800 },
  },
  closed: { title: "A closed site", method: "GET", cause: "closed", notice: { backIn: 7200 } },
} as const satisfies Readonly<Record<string, Situation>>;

export const widths = { full: "Full width", tablet: "Tablet (820 px)", phone: "Phone (390 px)" } as const;

export interface Choice {
  readonly theme: ThemeName;
  readonly language: Language;
  readonly format: keyof typeof formats;
  readonly situation: keyof typeof situations;
  readonly width: keyof typeof widths;
}

/** What an address asks for, as far as it exists. */
export function toChoice(
  parameters: URLSearchParams,
  { theme, language }: Pick<Choice, "theme" | "language">,
): Choice {
  const pick = <Name extends string>(parameter: string, names: readonly Name[], otherwise: Name): Name =>
    names.find((name) => name === parameters.get(parameter)) ?? otherwise;
  return {
    theme: pick("theme", themeNames, theme),
    language: pick("language", languages, language),
    format: pick("format", namesOf(formats), "html"),
    situation: pick("situation", namesOf(situations), "deploy"),
    width: pick("width", namesOf(widths), "full"),
  };
}

export function namesOf<Names extends Readonly<Record<string, unknown>>>(
  of: Names,
): readonly (keyof Names & string)[] {
  return Object.keys(of);
}
