import type { Clock, Store } from "../../core/ports.ts";
import type { Environment } from "../../core/release.ts";
import { systemClock } from "../../core/runtime.ts";
import { createAppConsole, type AppConsole } from "./app-console.ts";
import { toCard } from "./apps-page.ts";
import {
  commonHeaders,
  refuse,
  send,
  toName,
  type ConsoleRequest,
  type ConsoleResponse,
  type ConsoleVisitor,
} from "./exchange.ts";
import { toLivePage } from "./frame.ts";
import { createStreams, type Parts } from "./stream.ts";

export interface ConsoleOptions {
  readonly store: Store;
  /** Several apps of the store are shown side by side. @default "default" */
  readonly app?: string | readonly string[] | undefined;
  /**
   * Identifies the visitor: your own authentication. undefined: not allowed, and the answer is 403; so is an
   * error. Called for each request.
   */
  readonly visitor: (
    request: ConsoleRequest,
  ) => ConsoleVisitor | undefined | Promise<ConsoleVisitor | undefined>;
  /** Nobody may change anything. @default false */
  readonly readOnly?: boolean | undefined;
  /** For the previewed page. @default none: the built-in page */
  readonly environment?: Environment | undefined;
  readonly clock?: Clock | undefined;
}

export type ConsoleListener = ((request: ConsoleRequest, response: ConsoleResponse) => void) & {
  /** Ends the console's work and its open streams. */
  close(): void;
};

/**
 * The console as a `node:http` listener, and a handler for Express and the like, for an admin area with its
 * own authentication. All its addresses are relative, so it can be mounted under any path that ends with a
 * slash.
 *
 * @throws IntermissionError `bad-option`
 */
export function consoleListener({
  store,
  app = "default",
  visitor,
  readOnly = false,
  environment = {},
  clock = systemClock,
}: ConsoleOptions): ConsoleListener {
  const streams = createStreams(clock);
  const names = [...new Set(typeof app === "string" ? [app] : app.length === 0 ? ["default"] : app)];
  const up = names.length === 1 ? undefined : "../../";
  const apps = names.map((name) => createAppConsole({ store, app: name, environment, clock, streams, up }));
  const [only] = names.length === 1 ? apps : [];

  async function answer(request: ConsoleRequest, response: ConsoleResponse): Promise<void> {
    const [path = "/"] = (request.url ?? "/").split("?", 1);
    const who = await whoAsks(request);
    if (who === undefined) {
      refuse(response, 403, "You may not see this.");
      return;
    }
    if (!["GET", "HEAD", "POST"].includes(request.method ?? "GET")) {
      refuse(response, 405, "There is nothing like that here.");
      return;
    }
    const mounted = request.originalUrl?.split("?", 1)[0];
    if (request.method !== "POST" && mounted !== undefined && path === "/" && !mounted.endsWith("/")) {
      addSlash(response, mounted);
      return;
    }
    if (only !== undefined) return only.answer(request, response, path === "" ? "/" : path, who);
    const [, name, rest] = /^\/apps\/([^/]{1,400})(\/.*)?$/.exec(path) ?? [];
    const one = apps.find((each) => encodeURIComponent(each.app) === name);
    if (one !== undefined && rest === undefined) addSlash(response, path);
    else if (one !== undefined && rest !== undefined) await one.answer(request, response, rest, who);
    else if (request.method !== "POST" && path === "/events") {
      streams.open(response, (show) => {
        const ends = apps.map(({ feed, ...each }, index) =>
          feed.follow((look) => {
            show({ [`app-${String(index)}`]: toCard(each.app, look) });
          }),
        );
        return () => {
          for (const end of ends) end();
        };
      });
    } else if (request.method !== "POST" && (path === "/" || path === "")) await showAll(response, who);
    else refuse(response, 404, "There is nothing here.");
  }

  async function whoAsks(request: ConsoleRequest): Promise<ConsoleVisitor | undefined> {
    try {
      const who = await visitor(request);
      if (who === undefined) return undefined;
      return { name: toName(who.name), mayChange: who.mayChange && !readOnly };
    } catch {
      return undefined;
    }
  }

  async function showAll(response: ConsoleResponse, { name }: ConsoleVisitor): Promise<void> {
    const looks = await Promise.all(apps.map(({ feed }) => feed.look()));
    const cards: Parts = Object.fromEntries(
      looks.map((look, index) => [`app-${String(index)}`, toCard(nameOf(apps[index]), look)]),
    );
    const now = Math.round(Math.max(...looks.map((look) => look.now)) || clock.now());
    send(
      response,
      200,
      toLivePage({ title: "All apps", name, app: "All apps", now }, cards, () => false),
    );
  }

  const listener = (request: ConsoleRequest, response: ConsoleResponse): void => {
    answer(request, response).catch(() => response.destroy());
  };
  return Object.assign(listener, {
    close() {
      for (const { feed } of apps) feed.close();
      streams.close();
    },
  });
}

function nameOf(one: AppConsole | undefined): string {
  return one?.app ?? "";
}

/** Relative addresses need it. */
function addSlash(response: ConsoleResponse, path: string): void {
  response.writeHead(308, { ...commonHeaders, location: `./${path.slice(path.lastIndexOf("/") + 1)}/` });
  response.end();
}
