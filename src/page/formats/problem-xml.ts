import { inertPolicy, type Format } from "../format.ts";
import { markup, toText } from "../template.ts";
import { toProblemDetails } from "../problem-details.ts";

// XML 1.0, 2.2: forbidden even as references.
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** For programs that use XML: problem details, RFC 9457 appendix B. */
export const problemXml: Format = {
  name: "problem-xml",
  mediaTypes: /^(?:application\/(?:problem\+)?xml|text\/xml)$/,
  destinations: [],
  contentType: "application/problem+xml",
  contentSecurityPolicy: inertPolicy,

  render(content) {
    const { type, title, status, detail, retryAfter } = toProblemDetails(content);
    return toText(markup`<?xml version="1.0" encoding="UTF-8"?>
<problem xmlns="urn:ietf:rfc:7807" xml:lang="${content.language}">
<type>${type}</type>
<title xml:lang="en">${title}</title>
<status>${status}</status>
<detail>${detail.replace(forbidden, "\u{fffd}")}</detail>
<retryAfter>${retryAfter}</retryAfter>
</problem>
`);
  },
};
