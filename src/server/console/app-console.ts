import type { Clock, Store } from "../../core/ports.ts";
import type { Environment } from "../../core/release.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { createIntermission } from "../../engine/create.ts";
import { markup, type Markup } from "../../page/template.ts";
import { actions, type Action } from "./actions.ts";
import { toBoard, toParts } from "./board.ts";
import { toDeployParts } from "./deploy-page.ts";
import {
  commonHeaders,
  isSameOrigin,
  messageOf,
  readForm,
  refuse,
  send,
  toFields,
  type ConsoleRequest,
  type ConsoleResponse,
  type ConsoleVisitor,
  type Fields,
} from "./exchange.ts";
import { createFeed, type Feed, type Look } from "./feed.ts";
import { toLivePage, toPage, type Frame } from "./frame.ts";
import { showPreview } from "./page-preview.ts";
import { toReplay } from "./rollouts.ts";
import type { Parts, Streams } from "./stream.ts";

export interface AppConsoleOptions {
  readonly store: Store;
  readonly app: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly streams: Streams;
  /** From its board to the list of all apps. undefined: it is the only one. */
  readonly up: string | undefined;
}

/** The console of one app. All its addresses are relative. */
export interface AppConsole {
  readonly app: string;
  readonly feed: Feed;
  /** @param path Begins with a slash. */
  answer(
    request: ConsoleRequest,
    response: ConsoleResponse,
    path: string,
    who: ConsoleVisitor,
  ): Promise<void>;
}

/** @throws IntermissionError `bad-option` */
export function createAppConsole(options: AppConsoleOptions): AppConsole {
  const { store, app, environment, clock, streams, up } = options;
  const settings = resolveSettings({ store, app }, environment);
  const feed = createFeed({ store, settings, clock });
  /** Made once for all who look. */
  const boards = new WeakMap<Look, Map<boolean, Parts>>();

  async function answer(
    request: ConsoleRequest,
    response: ConsoleResponse,
    path: string,
    who: ConsoleVisitor,
  ): Promise<void> {
    if (request.method === "POST") return change(request, response, path, who);
    const query = toFields((request.url ?? "").split("?", 2)[1] ?? "");
    if (path === "/") return showBoard(response, who, query);
    if (path === "/events") {
      streams.open(response, (show) =>
        feed.follow((look) => {
          show(boardOf(look, who.mayChange));
        }),
      );
      return;
    }
    const [, at, live] = /^\/deploys\/(\d{1,16})\/(events)?$/.exec(path) ?? [];
    if (at !== undefined) return showDeploy(response, who, Number(at), live !== undefined);
    if (path === "/preview" && who.mayChange) return showPreview(response, query, settings, clock);
    const action = actionOf(nameOf(path), who);
    if (action !== undefined) return ask(response, who, action, query);
    refuse(response, 404, "There is nothing here.");
  }

  const frameOf = (who: ConsoleVisitor, { now }: Look): Frame => ({
    name: `${who.name}${who.mayChange ? "" : " (may look, not change)"}`,
    app: settings.app,
    now: Math.round(now === 0 ? clock.now() : now),
  });

  function boardOf(look: Look, mayChange: boolean): Parts {
    const known = boards.get(look) ?? new Map<boolean, Parts>();
    boards.set(look, known);
    const parts = known.get(mayChange) ?? toParts(look, mayChange);
    known.set(mayChange, parts);
    return parts;
  }

  async function showBoard(response: ConsoleResponse, who: ConsoleVisitor, query: Fields): Promise<void> {
    const look = await feed.look();
    const done = actions[query.get("done") ?? ""]?.title;
    const notice = done === undefined ? undefined : `Done: ${done.toLowerCase()}.`;
    send(response, 200, toBoard(boardOf(look, who.mayChange), { ...frameOf(who, look), notice, up }));
  }

  async function deployOf(look: Look, at: number): Promise<{ release: string; parts: Parts } | undefined> {
    const { overview, now } = look;
    const rollout = overview?.rollouts.find((one) => one.at === at);
    if (rollout === undefined) return undefined;
    const reports = at >= look.reportsSince ? look.reports : await feed.archive();
    return { release: rollout.release, parts: toDeployParts(toReplay(rollout, reports, now)) };
  }

  async function showDeploy(
    response: ConsoleResponse,
    who: ConsoleVisitor,
    at: number,
    isLive: boolean,
  ): Promise<void> {
    const look = await feed.look();
    const deploy = await deployOf(look, at);
    if (deploy === undefined) {
      refuse(response, 404, `The history knows no deploy of this time. ${look.problem ?? ""}`.trim());
      return;
    }
    if (isLive) {
      streams.open(response, (show) =>
        feed.follow((seen) => {
          void deployOf(seen, at).then((known) => {
            if (known !== undefined) show(known.parts);
          });
        }),
      );
      return;
    }
    const frame = { ...frameOf(who, look), title: deploy.release, up: "../../" };
    send(
      response,
      200,
      toLivePage(frame, deploy.parts, () => true),
    );
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

  return { app: settings.app, feed, answer };
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
