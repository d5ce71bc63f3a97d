import type { Intermission } from "../../core/intermission.ts";
import { watchEvents, type EventApp } from "../../http/web/h3-event.ts";

/** What is used of an app of Nitro 2, which is served by h3 1. */
export interface Nitro2App {
  readonly h3App: EventApp;
}

/** Has every answer to a visitor judged. */
export function watchNitro2({ h3App }: Nitro2App, intermission: Intermission): void {
  // What the app asks itself while it renders (`$fetch`, `useFetch`) fails as ever, and the visitor's answer with it:
  // that one is judged, once. Such requests are node-mock-http's, which marks them.
  watchEvents(h3App, intermission, ({ node }) => !("__unenv__" in node.req));
}
