import { watchEvents, type EventApp } from "../../http/web/h3-event.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/**
 * For an h3 1 app served by `toNodeListener`. Sees every answer of the app, whatever is used before or after.
 * The app's own hooks still run. While the site is closed, neither hooks nor handlers run.
 *
 * @returns The app itself.
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * const app = maintenancePage(createApp());
 * ```
 */
export function maintenancePage<App extends EventApp>(app: App, options?: AdapterOptions): App {
  watchEvents(app, intermissionFrom(options));
  return app;
}
