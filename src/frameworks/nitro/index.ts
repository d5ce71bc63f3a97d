import { watchEvents, type EventApp } from "../../http/node-event.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../intermission.ts";

/** What is used of an app of Nitro. */
interface NitroApp {
  readonly h3App: EventApp;
  readonly hooks: { hook(name: "close", listener: () => Promise<void>): unknown };
}

/**
 * Plugin for Nitro 2, and so for Nuxt 3, where they run on Node. It sees every answer to a visitor, Nuxt's error page
 * included. While the site is closed, no handler is called. An intermission that it made itself is closed with the app.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
 * @example
 * ```ts
 * // server/plugins/maintenance-page.ts
 * export default maintenancePage();
 * ```
 */
export function maintenancePage(options?: AdapterOptions): (app: NitroApp) => void {
  const intermission = intermissionFrom(options);
  return function maintenancePage({ h3App, hooks }) {
    // What the app asks itself while it renders (`$fetch`, `useFetch`) fails as ever, and the visitor's answer with it:
    // that one is judged, once. Such requests are node-mock-http's, which marks them.
    watchEvents(h3App, intermission, ({ node }) => !("__unenv__" in node.req));
    if (!isShared(options)) hooks.hook("close", () => intermission.close());
  };
}
