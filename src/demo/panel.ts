import type { IncomingMessage, ServerResponse } from "node:http";
import { panelPolicy, toPanelPage } from "./panel-page.ts";
import type { Stage } from "./stage.ts";
import { isAction } from "./story.ts";

export const panelPath = "/-/panel";

export interface Panel {
  /** False: the request is for the site. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Tells every open panel that there is something new. */
  changed(): void;
  /** Whether somebody watches. */
  readonly isWatched: boolean;
  close(): void;
}

const maximumWatchers = 20;
/** Milliseconds between two views that are pushed. */
const pushEvery = 200;

/** The panel under `/-/`: a page, the view as JSON and as an event stream, and a POST for each action. */
export function createPanel(stage: Stage, hasConsoles = false): Panel {
  const page = toPanelPage(hasConsoles);
  const watchers = new Set<ServerResponse>();
  let push: NodeJS.Timeout | undefined;

  function changed(): void {
    if (watchers.size === 0) return;
    push ??= setTimeout(() => {
      push = undefined;
      const event = toEvent(stage);
      // Slow readers skip to the next one.
      for (const watcher of watchers) if (!watcher.writableNeedDrain) watcher.write(event);
    }, pushEvery);
  }

  function watch(response: ServerResponse): void {
    if (watchers.size >= maximumWatchers) {
      sendJson(response, 429, { failure: "Too many panels are open." });
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(toEvent(stage));
    watchers.add(response);
    response.once("close", () => watchers.delete(response));
  }

  async function act(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    if (!isOwnOrigin(request)) {
      sendJson(response, 403, { failure: "Only the panel itself may do that." });
    } else if (!isAction(name)) {
      sendJson(response, 404, { failure: "There is no such action." });
    } else {
      const outcome = await stage.act(name);
      sendJson(response, outcome.done ? 200 : outcome.begun ? 500 : 409, outcome);
    }
  }

  return {
    handle(request, response) {
      const path = (request.url ?? "/").replace(/\?.*$/s, "");
      if (!path.startsWith("/-/")) return false;
      const isRead = request.method === "GET" || request.method === "HEAD";
      if (isRead && path === panelPath) {
        response.writeHead(200, {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": panelPolicy,
          "cache-control": "no-store",
          "x-content-type-options": "nosniff",
        });
        response.end(page);
      } else if (isRead && path === "/-/state") {
        sendJson(response, 200, stage.view());
      } else if (request.method === "GET" && path === "/-/events") {
        watch(response);
      } else if (request.method === "POST" && path.startsWith("/-/actions/")) {
        void act(path.slice("/-/actions/".length), request, response);
      } else {
        request.resume();
        sendJson(response, 404, { failure: "There is nothing here." });
      }
      return true;
    },
    changed,
    get isWatched() {
      return watchers.size > 0;
    },
    close() {
      clearTimeout(push);
      for (const watcher of watchers) watcher.destroy();
      watchers.clear();
    },
  };
}

/** Browsers send `Origin` with a POST. A client without it is no browser. */
function isOwnOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || headers.origin === `http://${String(headers.host)}`;
}

function toEvent(stage: Stage): string {
  return `data: ${JSON.stringify(stage.view())}\n\n`;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed) return;
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
}
