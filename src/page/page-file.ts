import { languages, type Language } from "../core/settings/page-options.ts";
import type { Page, PageRequest } from "../core/ports.ts";

/** Media types that a file server tells apart by file extension. */
export const pageFileTypes = {
  html: "text/html",
  json: "application/problem+json",
  txt: "text/plain",
  xml: "application/problem+xml",
} as const;

/** A page as a file: `en.html`. */
export interface PageFile {
  readonly name: string;
  readonly language: Language;
  readonly extension: keyof typeof pageFileTypes;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const extensions = Object.keys(pageFileTypes) as readonly (keyof typeof pageFileTypes)[];

/** One for each language and each format that a file can have. */
export function toPageFiles(pageFor: (request: PageRequest) => Page): readonly PageFile[] {
  return languages.flatMap((language) =>
    extensions.map((extension) => {
      const request = { method: "GET", accept: pageFileTypes[extension], acceptLanguage: language };
      const { headers, body } = pageFor(request);
      return { name: `${language}.${extension}`, language, extension, headers, body };
    }),
  );
}
