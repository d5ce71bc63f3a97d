import { inertPolicy, type Format } from "../format.ts";
import { toProblemDetails } from "../problem-details.ts";

/** For JSON:API 1.1 clients: https://jsonapi.org/format/1.1/#errors */
export const jsonApi: Format = {
  name: "json-api",
  mediaTypes: /^application\/vnd\.api\+json$/,
  destinations: [],
  contentType: "application/vnd.api+json",
  contentSecurityPolicy: inertPolicy,

  render(content) {
    const { title, detail, type, status, retryAfter } = toProblemDetails(content);
    const error = {
      status: String(status),
      code: "maintenance",
      title,
      detail,
      links: { type },
      meta: { retryAfter },
    };
    return JSON.stringify({ jsonapi: { version: "1.1" }, errors: [error] });
  },
};
