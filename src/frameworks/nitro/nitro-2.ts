import type { Intermission } from "../../core/intermission.ts";
import { watchEvents, type EventApp } from "../../http/web/h3-event.ts";

/** The parts of a Nitro 2 app used here. It is served by h3 1. */
export interface Nitro2App {
  readonly h3App: EventApp;
}

/** Judges every answer to a visitor. */
export function watchNitro2({ h3App }: Nitro2App, intermission: Intermission): void {
  // If the app's request to itself while rendering (`$fetch`, `useFetch`) fails, so does the visitor's
  // answer, and that one is judged, once. node-mock-http marks such requests.
  watchEvents(h3App, intermission, ({ node }) => !("__unenv__" in node.req));
}

/**
 * Tracers copy what a module names in this way: `auto` and the command line are used beside the app.
 * @vercel/nft does not look into arrow functions.
 */
export function besideTheApp(): readonly URL[] {
  return [
    new URL(/* webpackIgnore: true */ "../../auto/index.js", import.meta.url),
    new URL(/* webpackIgnore: true */ "../../cli/main.js", import.meta.url),
  ];
}
