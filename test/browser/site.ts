import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createPages, type PageSettings } from "../../src/page/index.ts";

/** A site on loopback, under maintenance until `answer` is changed. */
export interface Site {
  readonly origin: string;
  /** Every request so far: `GET /path`. */
  readonly requests: string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Settles when this request has come in so many times in total. */
  requested(line: string, times?: number): Promise<void>;
  close(): Promise<void>;
}

export type Answer = Site["answer"];

export function maintenance(settings: Partial<PageSettings> = {}): Answer {
  const pageFor = createPages({
    statusCode: 503,
    retryAfter: 60,
    onFailure: (error) => {
      throw error;
    },
    ...settings,
  });
  return (request, response) => {
    const { method = "", headers } = request;
    const page = pageFor({ method, accept: headers.accept });
    response.writeHead(page.status, page.headers);
    response.end(method === "HEAD" ? undefined : page.body);
  };
}

export const working: Answer = (_request, response) => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end("<!doctype html><title>The site</title><link rel=icon href='data:,'><h1>The site</h1>");
};

export function statusOnly(status: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end();
  };
}

export async function openSite(answer: Answer): Promise<Site> {
  const requests: string[] = [];
  const watchers = new Set<() => void>();
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    for (const watcher of watchers) watcher();
    site.answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const site: Site = {
    origin: `http://127.0.0.1:${String(port)}`,
    requests,
    answer,
    requested(line, times = 1) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (requests.filter((request) => request === line).length < times) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return site;
}
