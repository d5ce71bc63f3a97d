import {
  createServer,
  request,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import { once } from "node:events";
import type { ProxyProcess } from "../servers/proxy-process.ts";
import type { Place } from "./site.ts";

/** What a proxy asks the error backend, and what it does with the answer. */
export interface ErrorPolicy {
  ask(
    failed: { readonly status: number },
    visitor: IncomingMessage,
  ): { readonly method: string; readonly path: string; readonly headers: OutgoingHttpHeaders };
  /** The visitor's status: the original's, or the error backend's. */
  readonly status: "original" | "backend";
}

/**
 * Stands in for a proxy that can't be installed here: it sends an error backend exactly what the real one
 * sends.
 */
export async function startStubProxy(place: Place, policy: ErrorPolicy): Promise<ProxyProcess> {
  const server = createServer((visitor, response) => {
    void answer(visitor, response).catch(() => response.destroy());
  });

  async function answer(visitor: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = visitor;
    const fromApp = await send(place.app, { method, path: url, headers }).catch(() => undefined);
    const status = fromApp?.statusCode ?? 502;
    if (fromApp !== undefined && (status < 500 || status > 504)) {
      response.writeHead(status, { ...fromApp.headers, "x-release": [] });
      fromApp.pipe(response);
      return;
    }
    // Both drop the original's body.
    fromApp?.destroy();
    const page = await send(place.errors, policy.ask({ status }, visitor)).catch(() => undefined);
    if (page === undefined) {
      response.writeHead(502).end("Bad Gateway");
      return;
    }
    response.writeHead(policy.status === "original" ? status : (page.statusCode ?? 502), page.headers);
    page.pipe(response);
  }

  server.listen(place.port, "127.0.0.1");
  await once(server, "listening");
  return {
    pid: process.pid,
    log: () => "",
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function send(
  port: number,
  options: { readonly method: string; readonly path: string; readonly headers: OutgoingHttpHeaders },
): Promise<IncomingMessage> {
  const sent = request({ host: "127.0.0.1", port, agent: false, timeout: 2000, ...options });
  sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
  const answered = once(sent, "response");
  sent.end();
  const [response] = (await answered) as [IncomingMessage];
  return response;
}
