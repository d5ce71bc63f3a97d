import type { Format } from "../format.ts";
import { empty } from "./empty.ts";
import { eventStream } from "./event-stream.ts";
import { fragment } from "./fragment.ts";
import { graphql } from "./graphql.ts";
import { jsonApi } from "./json-api.ts";
import { problem } from "./problem.ts";
import { problemXml } from "./problem-xml.ts";
import { text } from "./text.ts";

/** The formats that a page can have. */
export interface Formats {
  /**
   * All that a request can ask for. A type that several take belongs to the first of them, and the first wins where two
   * are wanted alike.
   */
  readonly named: readonly Format[];
  /** For visitors who say nothing, or refuse the others: the first that they do not refuse. HTML is the first of all. */
  readonly general: readonly [Format, ...Format[]];
  /** For a script that says no more than that. */
  readonly script: Format;
  /** For a part of a page. */
  readonly fragment: Format;
}

/** @param others Formats of the operator, which go before all. */
export function createFormats(html: Format, others: readonly Format[] = []): Formats {
  return {
    named: [...others, html, graphql, jsonApi, problemXml, problem, text, eventStream, empty],
    general: [html, problem, text, empty],
    script: problem,
    fragment,
  };
}
