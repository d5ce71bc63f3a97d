import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import { systemClock } from "../../core/runtime.ts";
import type { Clock, Page } from "../../core/ports.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { isLoopbackHost } from "../../http/headers.ts";
import { openListener } from "../listener.ts";
import { toChoice } from "./choice.ts";
import { galleryPolicy, toGallery } from "./gallery.ts";
import { lookVersion, showPage } from "./look.ts";

export interface Preview {
  /** Such as `http://127.0.0.1:4600`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Milliseconds between checks of the files, while somebody watches. */
const lookEvery = 300;
const maximumWatchers = 20;
/** Milliseconds. */
const drainFor = 1000;

/**
 * Serves a gallery of the page to this machine: every theme, language, format and situation, updated whenever
 * the template or the brand changes.
 *
 * @param port 0: any free port.
 * @throws IntermissionError `listen-failed`
 */
export async function startPreview(
  settings: Settings,
  { port, clock = systemClock }: { readonly port: number; readonly clock?: Clock },
): Promise<Preview> {
  const watchers = new Set<ServerResponse>();
  let told = lookVersion(settings);
  let cancelLook: (() => void) | undefined;

  function look(): void {
    cancelLook = undefined;
    const version = lookVersion(settings);
    if (version !== told) for (const watcher of watchers) watcher.write(toEvent(version));
    told = version;
    lookLater();
  }

  function lookLater(): void {
    if (watchers.size > 0) cancelLook ??= clock.after(lookEvery, look);
  }

  function watch(response: ServerResponse): void {
    if (watchers.size >= maximumWatchers) {
      sendText(response, 429, "Too many previews are open.");
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    // Files may have changed since this gallery was rendered.
    response.write(toEvent(lookVersion(settings)));
    watchers.add(response);
    response.once("close", () => watchers.delete(response));
    lookLater();
  }

  async function show(url: URL, response: ServerResponse): Promise<void> {
    const choice = toChoice(url.searchParams, settings);
    const version = lookVersion(settings);
    const { page, problems } = await showPage(settings, choice);
    if (url.pathname === "/") {
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": galleryPolicy,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
      response.end(toGallery(choice, { version, problems }));
    } else if (choice.format === "html") {
      response.writeHead(page.status, page.headers).end(page.body);
    } else {
      sendText(response, 200, toTranscript(page));
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const url = toUrl(request);
    if (!isLoopbackHost(request.headers.host)) sendText(response, 421, "This is for this machine only.");
    else if (request.method !== "GET" && request.method !== "HEAD")
      sendText(response, 405, "Nothing can be changed here.");
    else if (url?.pathname === "/events" && request.method === "GET") watch(response);
    else if (url?.pathname === "/" || url?.pathname === "/page") await show(url, response);
    else sendText(response, 404, "There is nothing here.");
  }

  const listener = await openListener(
    (request, response) => {
      answer(request, response).catch(() => response.destroy());
    },
    { host: "127.0.0.1", port },
  );
  return {
    url: listener.url,
    async close() {
      cancelLook?.();
      for (const watcher of watchers) watcher.destroy();
      await listener.close(drainFor);
    },
  };
}

function toUrl({ url = "/" }: IncomingMessage): URL | undefined {
  const origin = "http://localhost";
  return URL.canParse(url, origin) ? new URL(url, origin) : undefined;
}

function toEvent(version: string): string {
  return `data: ${version}\n\n`;
}

/** An answer as text, because browsers offer to save most formats. */
function toTranscript({ status, headers, body }: Page): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  return `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ""}\n${lines.join("")}\n${new TextDecoder().decode(body)}`;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'self'",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}
