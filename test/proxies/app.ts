import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";

/** The app behind a proxy. The path decides the answer, and `?release=` the release it names. */
export interface App {
  readonly port: number;
  /** The requests that reached it, by path: `POST /a`. */
  readonly seen: readonly string[];
  /** Lets `/stream` send its second half. */
  resume(): void;
  /** Stops listening there. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

export const firstHalf = "first half,";
export const secondHalf = "second half";
/** A regular error that exceeds every proxy's buffer. */
export const large = Array.from({ length: 16_384 }, (_, line) =>
  createHash("sha256").update(String(line)).digest("hex"),
).join("\n");
export const zipped = gzipSync("<!doctype html><title>Of the app</title>");
export const cookies = ["one=1; Path=/", "two=2; Path=/"];

/** Headers about the failed answer's body, its caching, or what went wrong. */
export const ofTheError = [
  ...[
    "Content-Digest",
    "Content-Location",
    "Content-Disposition",
    "ETag",
    "Expires",
    "Link",
    "Server-Timing",
  ],
  ...["X-Accel-Expires", "X-Error", "X-Whatever-The-App-Has", "Surrogate-Control", "Refresh"],
];

type Route = (request: IncomingMessage, response: ServerResponse) => void;

const ofTheApp = { "X-Of-The-App": "yes", "Set-Cookie": cookies };

export async function startApp(): Promise<App> {
  const seen: string[] = [];
  let resume = (): void => {};

  const routes: Readonly<Record<string, Route>> = {
    "/ok": (_, response) => {
      response.writeHead(200, { ...ofTheApp, "Content-Type": "text/plain", ETag: '"of-the-app"' });
      response.end("All is well.");
    },
    "/missing": (_, response) => response.writeHead(404, ofTheApp).end("Not here."),
    "/json": (_, response) => {
      response.writeHead(500, { ...ofTheApp, "Content-Type": "application/json" }).end('{"of":"the app"}');
    },
    "/large": (_, response) => response.writeHead(500, { "Content-Type": "text/plain" }).end(large),
    "/telling": (_, response) => {
      response.writeHead(500, {
        ...ofTheApp,
        ...Object.fromEntries(ofTheError.map((name) => [name, "3600"])),
        "Access-Control-Allow-Origin": "https://shop.example",
        "X-Request-Id": "of-the-request",
        "Strict-Transport-Security": "max-age=600",
        "Content-Security-Policy": "img-src 'self'; frame-ancestors https://partner.example",
        Vary: "X-Shop",
        "X-Tenant": "seven",
      });
      response.end("Of the app.");
    },
    "/zipped": (_, response) => {
      response.writeHead(500, { "Content-Type": "text/html", "Content-Encoding": "gzip" }).end(zipped);
    },
    "/stream": (_, response) => {
      response.writeHead(200, { "Content-Type": "text/plain", "Cache-Control": "no-store" });
      response.write(firstHalf);
      resume = () => response.end(secondHalf);
    },
    "/killed": (request) => request.socket.destroy(),
    "/silent": () => {},
    "/meant": (_, response) => response.writeHead(503, { "Retry-After": "7" }).end("Too much to do."),
    "/exempt/path": (_, response) => response.writeHead(500).end("Exempt."),
    "/masked": (_, response) => {
      response
        .writeHead(503, { "Retry-After": "60", "X-Maintenance": "deploy" })
        .end("The page of an instance.");
    },
  };

  const answer: Route = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://app");
    seen.push(`${request.method ?? ""} ${pathname}`);
    const release = searchParams.get("release");
    if (release !== null)
      response.setHeader("X-Release", searchParams.has("twice") ? [release, release] : release);
    request.resume().once("end", () => {
      const status = Number(/^\/status\/(\d{3})$/.exec(pathname)?.[1] ?? 200);
      const route = routes[pathname] ?? ((_, other) => other.writeHead(status, ofTheApp).end(echo()));
      route(request, response);
    });

    function echo(): string {
      return JSON.stringify({ app: pathname, headers: request.headers });
    }
  };

  const server = createServer(answer);
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {});
    if (new URL(request.url ?? "/", "http://app").pathname !== "/socket") {
      socket.end(
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nX-Release: v1.0\r\nConnection: close\r\n\r\n",
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("message", (text: Buffer) => client.send(`echo ${text.toString()}`));
    });
  });

  async function listenOn(port: number): Promise<void> {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  }

  async function refuse(): Promise<void> {
    if (!server.listening) return;
    server.close();
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    await once(server, "close");
  }

  await listenOn(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    seen,
    resume: () => {
      resume();
    },
    refuse,
    accept: () => listenOn(port),
    close: refuse,
  };
}
