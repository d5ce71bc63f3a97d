import { inertPolicy, type Format } from "../format.ts";
import { toProblemDetails } from "../problem-details.ts";

/**
 * For GraphQL clients: a request that failed before execution, so without `data`. GraphQL over HTTP, 6.4.2:
 * only with this type may the status be other than 200.
 */
export const graphql: Format = {
  name: "graphql",
  mediaTypes: /^application\/graphql(?:-response)?\+json$/,
  destinations: [],
  contentType: "application/graphql-response+json",
  contentSecurityPolicy: inertPolicy,

  render(content) {
    const { detail, type, status, retryAfter } = toProblemDetails(content);
    const extensions = { code: "SERVICE_UNAVAILABLE", type, status, retryAfter };
    return JSON.stringify({ errors: [{ message: detail, extensions }] });
  },
};
