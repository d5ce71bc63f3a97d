import type { Clock, Store } from "../../core/ports.ts";
import type { Environment } from "../../core/release.ts";
import { systemClock } from "../../core/runtime.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { createIntermission } from "../../engine/create.ts";
import { markup, toText, type Markup } from "../../page/template.ts";
import { actions, type Action } from "./actions.ts";
import { createFeed, type Look } from "./feed.ts";
import {
  commonHeaders,
  isSameOrigin,
  messageOf,
  readForm,
  refuse,
  send,
  toFields,
  toName,
  type ConsoleRequest,
  type ConsoleResponse,
  type Fields,
} from "./exchange.ts";
import { showPreview } from "./page-preview.ts";
import { toBoard, toPage, toParts } from "./view.ts";

/** Somebody who may see the console. */
export interface ConsoleVisitor {
  /** For the history, such as `ann`. At most 64 characters are kept. */
  readonly name: string;
  /** May change things: record releases, turn manual mode on, end a deploy. */
  readonly mayChange: boolean;
}

export interface ConsoleOptions {
  readonly store: Store;
  /** @default "default" */
  readonly app?: string | undefined;
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

const mostViewers = 200;
/** A viewer who does not read is disconnected. Bytes. */
const mostUnread = 2 ** 20;
/** Keeps proxies from closing an idle stream. Milliseconds. */
const beatEvery = 20_000;

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
  const settings = resolveSettings({ store, app }, environment);
  const feed = createFeed({ store, app, clock });
  const viewers = new Set<ConsoleResponse>();
  const rendered = new WeakMap<Look, Map<boolean, ReadonlyMap<string, string>>>();

  async function answer(request: ConsoleRequest, response: ConsoleResponse): Promise<void> {
    const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
    const method = request.method ?? "GET";
    const who = await whoAsks(request);
    if (who === undefined) {
      refuse(response, 403, "You may not see this.");
      return;
    }
    if (method === "POST") return change(request, response, path, who);
    if (method !== "GET" && method !== "HEAD") {
      refuse(response, 405, "There is nothing like that here.");
      return;
    }
    if (path === "/" || path === "") return showBoard(request, response, who, query);
    if (path === "/events" && method === "GET") {
      stream(response, who);
      return;
    }
    if (path === "/preview" && who.mayChange) return showPreview(response, toFields(query), settings, clock);
    const name = nameOf(path);
    const action = actionOf(name, who);
    if (action === undefined) {
      refuse(response, 404, "There is nothing here.");
      return;
    }
    return ask(response, who, action, toFields(query));
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

  async function showBoard(
    { originalUrl }: ConsoleRequest,
    response: ConsoleResponse,
    who: ConsoleVisitor,
    query: string,
  ): Promise<void> {
    const mounted = originalUrl?.split("?", 1)[0];
    if (mounted !== undefined && !mounted.endsWith("/")) {
      response.writeHead(308, {
        ...commonHeaders,
        location: `./${mounted.slice(mounted.lastIndexOf("/") + 1)}/`,
      });
      response.end();
      return;
    }
    const look = await feed.look();
    const done = actions[toFields(query).get("done") ?? ""]?.title;
    const notice = done === undefined ? undefined : `Done: ${done.toLowerCase()}.`;
    send(response, 200, toBoard(look, who.mayChange, { ...frameOf(who, look), notice }));
  }

  const frameOf = (who: ConsoleVisitor, { now }: Look): { name: string; app: string; now: number } => ({
    name: `${who.name}${who.mayChange ? "" : " (may look, not change)"}`,
    app,
    now: Math.round(now === 0 ? clock.now() : now),
  });

  /** Rendered once for all who watch. */
  function partsOf(look: Look, mayChange: boolean): ReadonlyMap<string, string> {
    const known = rendered.get(look) ?? new Map<boolean, ReadonlyMap<string, string>>();
    rendered.set(look, known);
    const parts =
      known.get(mayChange) ??
      new Map(Object.entries(toParts(look, mayChange)).map(([id, part]) => [id, toText(part)]));
    known.set(mayChange, parts);
    return parts;
  }

  function stream(response: ConsoleResponse, { mayChange }: ConsoleVisitor): void {
    if (viewers.size >= mostViewers) {
      refuse(response, 503, "Too many people look at the console.");
      return;
    }
    response.writeHead(200, {
      ...commonHeaders,
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
    });
    response.write(": hello\n\n");
    const sent = new Map<string, string>();
    let cancelBeat = beat();
    const unfollow = feed.follow((look) => {
      for (const [id, html] of partsOf(look, mayChange)) {
        if (sent.get(id) === html) continue;
        sent.set(id, html);
        response.write(`event: part\ndata: ${JSON.stringify({ id, html })}\n\n`);
      }
      if (response.writableLength > mostUnread) response.destroy();
    });
    viewers.add(response);
    response.once("close", () => {
      viewers.delete(response);
      unfollow();
      cancelBeat();
    });

    function beat(): () => void {
      return clock.after(beatEvery, () => {
        response.write(": still here\n\n");
        cancelBeat = beat();
      });
    }
  }

  async function ask(
    response: ConsoleResponse,
    who: ConsoleVisitor,
    action: Action,
    fields: Fields,
    problem?: string,
  ): Promise<void> {
    const look = await feed.look();
    const frame = { ...frameOf(who, look), title: action.title };
    const { overview } = look;
    if (overview === undefined) {
      send(response, 503, toPage(frame, alert(`The store can't be read. ${look.problem ?? ""}`)));
      return;
    }
    const known = problem === undefined ? action.consequence(overview, fields) : undefined;
    const form =
      known === undefined
        ? markup`<form method="get">${action.inputs(overview, fields)}
<p><button class="primary">Next: see what it does</button></p></form>`
        : markup`${known}${action.previews === true ? toFrame(fields) : undefined}
<form method="post">${[...fields].map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)}
<p><button class="primary">${action.button}</button></p></form>`;
    const content = markup`<main><section class="wide"><h2>${action.title}</h2>${problem === undefined ? undefined : alert(problem)}${form}
<p class="actions"><a href="../">Back, and change nothing</a></p></section></main>`;
    send(response, problem === undefined ? 200 : 400, toPage(frame, content));
  }

  async function change(
    request: ConsoleRequest,
    response: ConsoleResponse,
    path: string,
    who: ConsoleVisitor,
  ): Promise<void> {
    if (!isSameOrigin(request)) {
      refuse(response, 403, "This was sent from another site.");
      return;
    }
    const action = actionOf(nameOf(path), who);
    if (action === undefined) {
      refuse(response, who.mayChange ? 404 : 403, "There is nothing here that you may change.");
      return;
    }
    const body = await readForm(request);
    if (body === undefined) {
      refuse(response, 413, "That is not a form, or it is too long.");
      return;
    }
    const fields = toFields(body);
    // It does not watch: it makes one change, in its author's name.
    const intermission = createIntermission(
      { store, app, logger: { warn() {}, error() {} } },
      { environment: {}, watching: false, by: who.name },
    );
    try {
      const secret = await action.perform(intermission, fields);
      feed.changed();
      if (secret === undefined) {
        response.writeHead(303, { ...commonHeaders, location: `../?done=${nameOf(path) ?? ""}` });
        response.end();
        return;
      }
      const frame = { ...frameOf(who, await feed.look()), title: action.title };
      send(
        response,
        200,
        toPage(
          frame,
          markup`<main><section class="wide"><h2>Done: ${action.title.toLowerCase()}</h2>${secret}<p class="actions"><a href="../">Back to the console</a></p></section></main>`,
        ),
      );
    } catch (error) {
      feed.changed();
      await ask(response, who, action, fields, messageOf(error));
    } finally {
      await intermission.close();
    }
  }

  const listener = (request: ConsoleRequest, response: ConsoleResponse): void => {
    answer(request, response).catch(() => response.destroy());
  };
  return Object.assign(listener, {
    close() {
      feed.close();
      for (const viewer of viewers) viewer.destroy();
    },
  });
}

function actionOf(name: string | undefined, { mayChange }: ConsoleVisitor): Action | undefined {
  return mayChange && name !== undefined && Object.hasOwn(actions, name) ? actions[name] : undefined;
}

function nameOf(path: string): string | undefined {
  return /^\/actions\/([a-z-]{1,32})$/.exec(path)?.[1];
}

function toFrame(fields: Fields): Markup {
  const address = `../preview?${new URLSearchParams([...fields]).toString()}`;
  return markup`<p>Visitors will see this:</p><iframe title="The page that visitors will see" src="${address}"></iframe>`;
}

function alert(text: string): Markup {
  return markup`<p role="alert">${text}</p>`;
}
