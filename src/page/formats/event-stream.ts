import { inertPolicy, type Format } from "../format.ts";
import { toProblemDetails } from "../problem-details.ts";

/**
 * For readers of server-sent events: when to come back, and one event that says why. The `EventSource` of browsers looks
 * at the status alone, and gives up; what reads streams with `fetch` can look inside.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export const eventStream: Format = {
  name: "event-stream",
  mediaTypes: /^text\/event-stream$/,
  destinations: [],
  contentType: "text/event-stream; charset=utf-8",
  contentSecurityPolicy: inertPolicy,

  render(content) {
    const problem = toProblemDetails(content);
    // JSON has no line break in it, which would end the field.
    return `retry: ${String(problem.retryAfter * 1000)}\nevent: maintenance\ndata: ${JSON.stringify(problem)}\n\n`;
  },
};
