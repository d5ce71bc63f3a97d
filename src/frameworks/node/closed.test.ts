import { once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { connect, type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { closedSite, cookieOf } from "../../../test/support/closed-site.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { Store } from "../../core/ports.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { maintenancePage } from "./index.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function serve(...parameters: Parameters<typeof maintenancePage>): Promise<string> {
  const server = await listen(maintenancePage(...parameters));
  running.push(server);
  return server.url;
}

test("a closed site does not call the listener, but for who is exempt", async () => {
  const asked: (string | undefined)[] = [];
  const { intermission, token } = await closedSite({ exemptPaths: ["/health"] });
  const url = await serve(
    (request, response) => {
      asked.push(request.url);
      response.end("open");
    },
    { intermission },
  );
  const page = await visit(url, { headers: { accept: "text/html" } });
  expect(page).toMatchObject({ status: 503, headers: { "x-maintenance": "closed", "retry-after": "60" } });
  expect(page.body).toContain("</html>");
  expect((await visit(`${url}/health`)).body).toBe("open");
  expect((await visit(`${url}/a`, { headers: { cookie: cookieOf(token) } })).body).toBe("open");
  expect(asked).toEqual(["/health", "/a"]);
});

test("a connection that is kept alive goes on after the page", async () => {
  const { intermission } = await closedSite({ exemptPaths: ["/health"] });
  const url = new URL(await serve((_, response) => response.end("open"), { intermission }));
  const socket = connect(Number(url.port), "127.0.0.1");
  const ask = (path: string): string => `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc`;
  socket.write(ask("/") + ask("/health") + ask("/"));
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const statuses = (): readonly (string | undefined)[] =>
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  while (statuses().length < 3) await once(socket, "data");
  expect(statuses()).toEqual(["503", "200", "503"]);
  socket.destroy();
});

test("the address is that of the connection, whatever a client says", async () => {
  const { intermission } = await closedSite({ exemptAddresses: ["127.0.0.1"] });
  const url = await serve((_, response) => response.end("open"), { intermission });
  expect((await visit(url)).status).toBe(200);
  const other = await closedSite({ exemptAddresses: ["203.0.113.9"] });
  const closed = await serve((_, response) => response.end("open"), other);
  expect((await visit(closed, { headers: { "x-forwarded-for": "203.0.113.9" } })).status).toBe(503);
});

test("HTTP/2 gets the page too", async () => {
  const { intermission, token } = await closedSite();
  const server = createHttp2Server(
    maintenancePage((_, response) => response.end("open"), { intermission }) as never,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = connectHttp2(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  const statusOf = async (headers: Record<string, string>): Promise<unknown> => {
    const stream = session.request({ ":path": "/", ...headers });
    const [answer] = (await once(stream, "response")) as [Record<string, unknown>];
    stream.resume();
    await once(stream, "end");
    return answer[":status"];
  };
  expect(await statusOf({})).toBe(503);
  expect(await statusOf({ ":method": "HEAD" })).toBe(503);
  expect(await statusOf({ cookie: cookieOf(token) })).toBe(200);
  expect(await statusOf({ ":path": `/?intermission-bypass=${token}` })).toBe(302);
  session.close();
  server.close();
});

test("a visitor who leaves while the store is asked is not brought before the listener", async () => {
  let answer: (() => void) | undefined;
  let asked = (): void => undefined;
  const memory = memoryStore();
  const store: Store = {
    read: async (app) => {
      if (answer !== undefined) {
        await new Promise<void>((resolve) => {
          answer = resolve;
          asked();
        });
      }
      return memory.read(app);
    },
    write: memory.write.bind(memory),
    close: () => Promise.resolve(),
  };
  const { intermission } = await closedSite({}, { store, freshFor: 0, readTimeout: 10_000, refreshEvery: 0 });
  const left: unknown[] = [];
  const listener = maintenancePage(() => left.push("called"), { intermission });
  const server = createServer((request, response) => {
    response.once("close", () => left.push("closed"));
    listener(request, response);
  });
  running.push(await listen(server));
  const { port } = server.address() as AddressInfo;

  answer = () => undefined;
  const held = new Promise<void>((resolve) => (asked = resolve));
  const request = sendRequest({ port, host: "127.0.0.1", agent: false }).on("error", () => undefined);
  request.end();
  await held;
  request.destroy();
  await expect.poll(() => left).toEqual(["closed"]);
  const release = answer;
  answer = undefined;
  release();
  await new Promise((resolve) => setImmediate(resolve));
  await intermission.close();
  expect(left).toEqual(["closed"]);
});

test("an upgrade is left alone", async () => {
  const { intermission } = await closedSite();
  const server = createServer(maintenancePage((_, response) => response.end("open"), { intermission }));
  server.on("upgrade", (_request, socket) => {
    socket.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
  });
  running.push(await listen(server));
  const { port } = server.address() as AddressInfo;
  const request = sendRequest({
    port,
    host: "127.0.0.1",
    agent: false,
    headers: { connection: "upgrade", upgrade: "websocket" },
  }).end();
  const [response, socket] = (await once(request, "upgrade")) as [
    { readonly statusCode?: number },
    { destroy(): void },
  ];
  expect(response.statusCode).toBe(101);
  socket.destroy();
});
