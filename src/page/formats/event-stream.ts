import { inertPolicy, type Format } from "../format.ts";
import { toProblemDetails } from "../problem-details.ts";

/**
 * For readers of server-sent events: when to reconnect, and one event with the reason. Browsers'
 * `EventSource` gives up on the status alone; clients that read streams with `fetch` can look inside.
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
    // JSON contains no line break, which would end the field.
    return `retry: ${String(problem.retryAfter * 1000)}\nevent: maintenance\ndata: ${JSON.stringify(problem)}\n\n`;
  },
};
