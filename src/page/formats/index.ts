import type { Format } from "../format.ts";
import { empty } from "./empty.ts";
import { eventStream } from "./event-stream.ts";
import { fragment } from "./fragment.ts";
import { graphql } from "./graphql.ts";
import { jsonApi } from "./json-api.ts";
import { problem } from "./problem.ts";
import { problemXml } from "./problem-xml.ts";
import { text } from "./text.ts";

/** The formats of a page. */
export interface Formats {
  /** Every format a request can name. If several share a type, or two are wanted equally, the first wins. */
  readonly named: readonly Format[];
  /** For visitors who name none, or refuse the others: the first not refused. HTML is first of all. */
  readonly general: readonly [Format, ...Format[]];
  /** For scripts that don't say what they accept. */
  readonly script: Format;
  /** For a part of a page. */
  readonly fragment: Format;
}

/** @param others The operator's formats, which win over all. */
export function createFormats(html: Format, others: readonly Format[] = []): Formats {
  return {
    named: [...others, html, graphql, jsonApi, problemXml, problem, text, eventStream, empty],
    general: [html, problem, text, empty],
    script: problem,
    fragment,
  };
}
