import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { parseAddressRange } from "../../core/exemption.ts";
import type { Clock, Store } from "../../core/ports.ts";
import type { Environment } from "../../core/release.ts";
import { systemClock } from "../../core/runtime.ts";
import { isLoopbackHost } from "../../http/headers.ts";
import { openListener, type ListenAddress } from "../listener.ts";
import { commonHeaders, isSameOrigin, readForm, refuse, type ConsoleVisitor } from "./exchange.ts";
import { consoleListener } from "./listener.ts";
import { toSignIn } from "./frame.ts";

export interface ConsoleServerOptions {
  readonly store: Store;
  readonly app: string | readonly string[];
  readonly listen: ListenAddress;
  readonly readOnly: boolean;
  /** Its holder may view and change. undefined: a random one is made. */
  readonly token?: string | undefined;
  /** Its holder may only view. */
  readonly readToken?: string | undefined;
  /**
   * The header, in lower case, in which an authenticating proxy names the user; trusted only from these
   * addresses.
   */
  readonly trusted?: { readonly header: string; readonly addresses: readonly string[] } | undefined;
  /** Names it is reached by, in addition to this machine's, such as `console.shop.example`. */
  readonly hosts: readonly string[];
  readonly environment: Environment;
  readonly clock?: Clock | undefined;
}

export interface ConsoleServer {
  /** With the token in the fragment, which browsers send to nobody. */
  readonly url: string;
  close(): Promise<void>;
}

/** Milliseconds. */
const sessionLasts = 12 * 3_600_000;
const mostSessions = 200;
/** Wrong tokens per minute, from everybody together. */
const mostTries = 10;
const minute = 60_000;
/** Milliseconds. */
const drainFor = 1000;

/**
 * Serves the console to holders of a token.
 *
 * @throws IntermissionError `listen-failed`, `bad-option`
 */
export async function startConsole(options: ConsoleServerOptions): Promise<ConsoleServer> {
  const {
    store,
    app,
    listen,
    readOnly,
    readToken,
    trusted,
    hosts,
    environment,
    clock = systemClock,
  } = options;
  const token = options.token ?? randomBytes(32).toString("base64url");
  const ranges = (trusted?.addresses ?? []).map(parseAddressRange);
  const known = [
    { digest: digestOf(token), visitor: { name: "the console", mayChange: true } },
    ...(readToken === undefined
      ? []
      : [{ digest: digestOf(readToken), visitor: { name: "a viewer", mayChange: false } }]),
  ];
  const sessions = new Map<string, { readonly visitor: ConsoleVisitor; readonly until: number }>();
  const tries: number[] = [];
  let cookieName = "intermission-console";

  const visitors = new WeakMap<object, ConsoleVisitor>();
  const console = consoleListener({
    ...{ store, app, readOnly, environment, clock },
    visitor: (request) => visitors.get(request),
  });

  function holderOf(given: string): ConsoleVisitor | undefined {
    const digest = digestOf(given);
    let holder: ConsoleVisitor | undefined;
    for (const one of known) if (timingSafeEqual(one.digest, digest)) holder = one.visitor;
    return holder;
  }

  /** Counts failures. */
  function tryToken(given: string): ConsoleVisitor | undefined | "too many" {
    const now = clock.now();
    while (tries[0] !== undefined && tries[0] < now - minute) tries.shift();
    if (tries.length >= mostTries) return "too many";
    const holder = holderOf(given);
    if (holder === undefined) tries.push(now);
    return holder;
  }

  function whoAsks(request: IncomingMessage): ConsoleVisitor | undefined | "too many" {
    const name = trusted === undefined ? undefined : request.headers[trusted.header];
    const address = request.socket.remoteAddress ?? "";
    if (typeof name === "string" && name.trim() !== "" && ranges.some((range) => range.contains(address)))
      return { name, mayChange: true };
    const [, bearer] = /^Bearer +(\S{1,600}) *$/i.exec(request.headers.authorization ?? "") ?? [];
    if (bearer !== undefined) return tryToken(bearer);
    const session = sessions.get(cookieOf(request, cookieName) ?? "");
    return session !== undefined && session.until > clock.now() ? session.visitor : undefined;
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isSameOrigin(request)) {
      refuse(response, 403, "This was sent from another site.");
      return;
    }
    const form = await readForm(request);
    const fields = new URLSearchParams(form ?? "");
    const next = toNext(fields.get("next") ?? "");
    const holder = tryToken((fields.get("token")?.trim() ?? "").slice(0, 600));
    if (holder === "too many") tooMany(response);
    else if (holder === undefined) {
      response.writeHead(401, commonHeaders).end(toSignIn({ next, problem: "That is not the token." }));
    } else {
      const oldest = sessions.keys().next().value;
      if (sessions.size >= mostSessions && oldest !== undefined) sessions.delete(oldest);
      const id = randomBytes(32).toString("base64url");
      sessions.set(id, { visitor: holder, until: clock.now() + sessionLasts });
      const cookie = `${cookieName}=${id}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${String(sessionLasts / 1000)}`;
      response.writeHead(303, { ...commonHeaders, "set-cookie": cookie, location: `.${next}` }).end();
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Somebody else may point a name at this machine (DNS rebinding).
    if (!isOurs(request.headers.host)) {
      refuse(response, 421, "The console is not reached under this name. See: intermission console --help");
      return;
    }
    const path = (request.url ?? "/").split("?", 1)[0];
    if (path === "/session" && request.method === "POST") {
      await signIn(request, response);
      return;
    }
    const who = whoAsks(request);
    if (who === "too many") tooMany(response);
    else if (who === undefined) {
      if (isPageWanted(request)) {
        const { url = "/" } = request;
        response.writeHead(401, commonHeaders).end(toSignIn({ next: toNext(url), up: toRoot(url) }));
      } else refuse(response, 401, "Sign in first.");
    } else {
      visitors.set(request, who);
      console(request, response);
    }
  }

  function isOurs(host: string | undefined): boolean {
    if (isLoopbackHost(host)) return true;
    const name = host?.toLowerCase().replace(/:\d{1,5}$/, "");
    return name !== undefined && hosts.some((one) => one.toLowerCase() === name);
  }

  const listener = await openListener((request, response) => {
    answer(request, response)
      .catch(() => response.destroy())
      .finally(() => request.resume());
  }, listen);
  cookieName = `intermission-console-${new URL(listener.url).port}`;
  return {
    url: `${listener.url}/#token=${token}`,
    async close() {
      console.close();
      await listener.close(drainFor);
    },
  };
}

/** Browsers ask so for what they show in a window. */
function isPageWanted({ method, url = "/", headers }: IncomingMessage): boolean {
  if (method !== "GET") return false;
  const isFrame = !["document", undefined].includes(headers["sec-fetch-dest"]);
  return url.split("?", 1)[0] === "/" || (!isFrame && /\btext\/html\b/i.test(headers.accept ?? ""));
}

/** The addresses of the console's pages: a board, a deploy, an action with what it is filled in with. */
const pages =
  /^\/(?:apps\/(?:[\w.~!*'()-]|%[\dA-F]{2}){1,400}(?:\/|$))?(?:deploys\/\d{1,16}\/|actions\/[a-z-]{1,32})?(?:\?[\w.~!*'()%&=+-]{0,2000})?$/;

/** Where to go after signing in: the page that was asked for, or the first. It begins with a slash. */
function toNext(asked: string): string {
  return pages.test(asked) ? asked : "/";
}

/** From a page to the first one, relative: a proxy may have put the console under a path. */
function toRoot(url: string): string {
  const [path = "/"] = url.split("?", 1);
  return "../".repeat(Math.max(0, path.split(/[/\\]/).length - 2));
}

function tooMany(response: ServerResponse): void {
  response.writeHead(429, {
    ...commonHeaders,
    "content-type": "text/plain; charset=utf-8",
    "retry-after": "60",
  });
  response.end("Too many wrong tokens. Try again in a minute.\n");
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}
