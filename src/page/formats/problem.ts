import { inertPolicy, type Format } from "../format.ts";

/** By this a client tells the page from any other 503. Part of the public contract: it never changes. */
export const problemType = "urn:intermission:maintenance";

/** For programs: problem details, RFC 9457. */
export const problem: Format = {
  name: "problem",
  mediaTypes: /^(?:application\/(?:json|\*)|[^/]+\/[^/]+\+json)$/,
  destinations: ["empty", "json", "webidentity"],
  contentType: "application/problem+json",
  contentSecurityPolicy: inertPolicy,

  render({ status, message, retryAfter }) {
    return JSON.stringify({
      type: problemType,
      // Belongs to the type and not to the status (RFC 9457 3.1.3), which can be set to another one.
      title: "Service Unavailable",
      status,
      detail: message,
      retryAfter,
    });
  },
};
