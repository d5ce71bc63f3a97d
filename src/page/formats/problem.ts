import { inertPolicy, type Format } from "../format.ts";
import { toProblemDetails } from "../problem-details.ts";

/** For programs: problem details, RFC 9457. */
export const problem: Format = {
  name: "problem",
  mediaTypes: /^(?:application\/(?:json|\*)|[^/]+\/[^/]+\+json)$/,
  destinations: ["empty", "json", "webidentity"],
  contentType: "application/problem+json",
  contentSecurityPolicy: inertPolicy,

  render(content) {
    return JSON.stringify(toProblemDetails(content));
  },
};
