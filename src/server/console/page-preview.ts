import type { Clock } from "../../core/ports.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { createPageLoader } from "../../engine/page/loader.ts";
import { toSwitchOn } from "./actions.ts";
import { messageOf, refuse, type ConsoleResponse, type Fields } from "./exchange.ts";

/** Answers with the page visitors would get if manual mode were turned on like this. */
export async function showPreview(
  response: ConsoleResponse,
  fields: Fields,
  settings: Settings,
  clock: Clock,
): Promise<void> {
  const loader = createPageLoader(
    settings,
    clock,
    () => undefined,
    () => Promise.resolve(),
  );
  try {
    await loader.load();
    const { mode, message, backAt } = toSwitchOn(fields);
    const backIn = typeof backAt === "object" ? Math.ceil(backAt.fromNow / 1000) : undefined;
    const cause = mode === "closed" ? "closed" : "manual";
    const page = loader.pageFor({ method: "GET", accept: "text/html" }, cause, { message, backIn });
    const headers: Record<string, string> = { ...page.headers };
    // In the console's frame the page should not reload by itself.
    delete headers["retry-after"];
    response.writeHead(200, headers);
    response.end(page.body);
  } catch (error) {
    refuse(response, 400, messageOf(error));
  } finally {
    loader.close();
  }
}
