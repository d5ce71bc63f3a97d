import type { PageView } from "../core/settings/page-options.ts";
import type { BrandLink } from "./brand.ts";
import type { Messages } from "./messages.ts";

/** Everything that a format can show. */
export interface Content extends PageView {
  /** The sentences of `message`, one thought a paragraph. */
  readonly paragraphs: readonly string[];
  /** The request was a GET or HEAD, so that asking again does no harm. */
  readonly repeatable: boolean;
  readonly messages: Messages;
  readonly links: readonly BrandLink[];
}

/** A way to send the page. */
export interface Format {
  /** Of its own, among the formats of an intermission. */
  readonly name: string;
  /** The media types that ask for it, lower-case and without parameters; `text/*` is matched as it stands. */
  readonly mediaTypes: RegExp;
  /** The values of `Sec-Fetch-Dest` that ask for it: https://fetch.spec.whatwg.org/#concept-request-destination */
  readonly destinations: readonly string[];
  readonly contentType: string;
  readonly contentSecurityPolicy: string;
  render(content: Content): string;
}

/** For a body that is not to be shown as a document at all. */
export const inertPolicy = "default-src 'none'";
