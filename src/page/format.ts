import type { PageView } from "../core/settings/page-options.ts";
import type { BrandLink } from "./brand.ts";
import type { Messages } from "./messages.ts";

/** Everything a format can show. */
export interface Content extends PageView {
  /** The sentences of `message`, one thought per paragraph. */
  readonly paragraphs: readonly string[];
  /** The request was a GET or HEAD, so it is safe to repeat. */
  readonly repeatable: boolean;
  readonly messages: Messages;
  readonly links: readonly BrandLink[];
}

export interface Format {
  /** Unique among the formats of an intermission. */
  readonly name: string;
  /**
   * The media types that select it, lower-case and without parameters; also tested against `text/*`
   * literally.
   */
  readonly mediaTypes: RegExp;
  /**
   * The `Sec-Fetch-Dest` values that select it: https://fetch.spec.whatwg.org/#concept-request-destination
   */
  readonly destinations: readonly string[];
  readonly contentType: string;
  readonly contentSecurityPolicy: string;
  render(content: Content): string;
}

/** For a body that should never be shown as a document. */
export const inertPolicy = "default-src 'none'";
