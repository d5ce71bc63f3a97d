import { watchEvents, type EventApp } from "../../http/web/h3-event.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/**
 * For an app of h3 1 that is served by `toNodeListener`: it sees every answer of the app, whatever is used before or
 * after. The app's own hooks are called as ever. While the site is closed, none of them is, and no handler.
 *
 * @returns The app itself.
 * @throws IntermissionError when an option or environment variable can't be used.
 * @example
 * ```ts
 * const app = maintenancePage(createApp());
 * ```
 */
export function maintenancePage<App extends EventApp>(app: App, options?: AdapterOptions): App {
  watchEvents(app, intermissionFrom(options));
  return app;
}
