import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";
import { watchNitro2, type Nitro2App } from "./nitro-2.ts";
import { watchNitro3, type Nitro3App } from "./nitro-3.ts";

/** The parts of a Nitro app used here. */
type NitroApp = (Nitro2App | Nitro3App) & {
  readonly hooks: { hook(name: "close", listener: () => Promise<void>): unknown };
};

/**
 * Plugin for Nitro 2 and 3, and so for Nuxt 3 and 4, on Node. It sees every answer to a visitor, including
 * Nuxt's error page. While the site is closed, no handler is called. An intermission it made itself is closed
 * with the app.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * // server/plugins/maintenance-page.ts
 * export default maintenancePage();
 * ```
 */
export function maintenancePage(options?: AdapterOptions): (app: NitroApp) => void {
  const intermission = intermissionFrom(options);
  return function maintenancePage(app) {
    if ("h3App" in app) watchNitro2(app, intermission);
    else watchNitro3(app, intermission);
    if (!isShared(options)) app.hooks.hook("close", () => intermission.close());
  };
}
