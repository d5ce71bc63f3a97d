import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { connectTo, nobody, startTestGateway, startUpstream } from "../../../test/support/gateway.ts";

/** An echo app. */
async function startEcho(): Promise<{ readonly url: string; readonly server: WebSocketServer }> {
  const http = createServer((_, response) => response.end("page"));
  const server = new WebSocketServer({ server: http });
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      socket.send(data, { binary: isBinary });
    });
  });
  const { url } = await startUpstream(http);
  return { url, server };
}

const shakeHands = (url: string, socket = "websocket", extra = ""): string =>
  `GET ${url} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${socket}\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`;

describe("a WebSocket", () => {
  test("is opened, and brings messages both ways, small and large", async () => {
    const { url, counts } = await startTestGateway([await startEcho()], { intermission: await midDeploy() });
    const socket = new WebSocket(`${url.replace("http", "ws")}/chat`);
    await once(socket, "open");
    for (const text of ["hello", "x".repeat(3_000_000)]) {
      socket.send(text);
      const [message] = (await once(socket, "message")) as [Buffer];
      expect(message.toString()).toBe(text);
    }
    socket.close(4000, "bye");
    expect(await once(socket, "close")).toMatchObject([4000, Buffer.from("bye")]);
    expect(counts.tunnels).toBe(1);
  });

  test("is ended at the app when the visitor is gone", async () => {
    const echo = await startEcho();
    const { url } = await startTestGateway([echo]);
    const socket = new WebSocket(url.replace("http", "ws"));
    const [atTheApp] = (await once(echo.server, "connection")) as [WebSocket];
    socket.on("error", () => undefined).terminate();
    await once(atTheApp, "close");
  });

  test("is ended at the visitor when the app is gone", async () => {
    const echo = await startEcho();
    const { url } = await startTestGateway([echo]);
    const socket = new WebSocket(url.replace("http", "ws"));
    const [atTheApp] = (await once(echo.server, "connection")) as [WebSocket];
    await once(socket, "open");
    atTheApp.terminate();
    await once(socket, "close");
  });

  test("in which nobody says anything is ended", async () => {
    const { url } = await startTestGateway([await startEcho()], { idleTimeout: 100 });
    const socket = new WebSocket(url.replace("http", "ws"));
    await once(socket, "open");
    await once(socket, "close");
  });

  test("is not held up by what the visitor sends ahead", async () => {
    const { url } = await startTestGateway([await startEcho()]);
    const { socket, until } = await connectTo(url);
    // A masked frame of one letter, in the same packet as the handshake: RFC 6455 section 5.2.
    socket.write(`${shakeHands("/")}\u0081\u0081\u0000\u0000\u0000\u0000A`, "latin1");
    await until("\u0081\u0001A");
  });
});

describe("a handshake", () => {
  test("that the app refuses is passed on, even in the middle of a deploy", async () => {
    const http = createServer();
    http.on("upgrade", (_, socket) => {
      socket.end("HTTP/1.1 500 Oh No\r\nContent-Length: 4\r\nConnection: close\r\n\r\nself");
    });
    const { url } = await startTestGateway([await startUpstream(http)], { intermission: await midDeploy() });
    const { socket, until } = await connectTo(url);
    socket.write(shakeHands("/"));
    expect(await until("self")).toMatch(/^HTTP\/1.1 500 Oh No\r\n/);
    await once(socket, "close");
  });

  test("that reaches nobody is answered with 502", async () => {
    const { url } = await startTestGateway([await nobody()], { intermission: await midDeploy() });
    const { socket, until } = await connectTo(url);
    socket.write(shakeHands("/"));
    await until("502 Bad Gateway");
    await once(socket, "close");
  });

  test("at a closed site gets the page", async () => {
    const { intermission } = await closedSite();
    const { url } = await startTestGateway([await startEcho()], { intermission });
    const { socket, until } = await connectTo(url);
    socket.write(shakeHands("/"));
    expect(await until("x-maintenance: closed")).toMatch(/^HTTP\/1.1 503 /);
    await once(socket, "close");
  });

  test("for another protocol is answered as if it were none", async () => {
    const upstream = await startUpstream((request, response) => {
      response.end(`no ${String(request.headers.upgrade)}`);
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    socket.write(shakeHands("/", "h2c", "HTTP2-Settings: AAMAAABk\r\n"));
    expect(await until("no undefined")).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    // The connection continues normally.
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(upstream.server, "request");
  });

  test.each(["Content-Length: 30\r\n", "Transfer-Encoding: chunked\r\n"])(
    "with a body is refused: %s",
    async (extra) => {
      const upstream = await startUpstream((_, response) => response.end("reached"));
      const { url } = await startTestGateway([upstream]);
      const { socket, until } = await connectTo(url);
      socket.write(`${shakeHands("/", "websocket", extra)}GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n`);
      await until("400 Bad Request");
      await once(socket, "close");
      expect(upstream.asked).toEqual([]);
    },
  );
});
