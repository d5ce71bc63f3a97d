import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { startSilentServer } from "../../../test/servers/silent-server.ts";
import { storeListener } from "../../server/store-handler/index.ts";
import { memoryStore } from "../memory/index.ts";
import { httpStore } from "./index.ts";

const token = "the-token-of-the-deploys";

/** Milliseconds for a read and a write, with some slack for a busy machine. */
const readBound = 2000;
const writeBound = 5000;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
}

const answering = (listener: RequestListener): Promise<string> => listen(createHttpServer(listener));

/** A server that answers with these bytes, whatever the request. */
const saying = (text: string, end: (socket: Socket) => void = () => {}): Promise<string> =>
  listen(
    createServer((socket) => {
      socket.once("data", () => {
        socket.write(text);
        end(socket);
      });
    }),
  );

const json = (text: string): Promise<string> =>
  answering((_, response) => response.setHeader("content-type", "application/json").end(text));

async function deadAddress(): Promise<string> {
  const url = await answering(() => {});
  await stops.pop()?.();
  return url;
}

/** Never ends its body, and never pauses for more than a moment. */
const dripping: RequestListener = (_, response) => {
  const timer = setInterval(() => response.write(" "), 50);
  response.on("close", () => {
    clearInterval(timer);
  });
};

/** Sends for as long as somebody reads. */
const endless: RequestListener = (_, response) => {
  const chunk = "x".repeat(65_536);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", more);
  more();
};

type Faults = Readonly<Record<string, readonly [start: () => Promise<string>, got: RegExp]>>;

const faults: Faults = {
  "that is down": [deadAddress, /ECONNREFUSED/],
  "that accepts and never answers": [
    async () => {
      const { port, stop } = await startSilentServer();
      stops.push(stop);
      return `http://127.0.0.1:${String(port)}/`;
    },
    /no answer within/,
  ],
  "that never ends its header": [() => saying("HTTP/1.1 200 OK\r\n"), /no answer within/],
  "that never ends its body": [
    () => saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"version":'),
    /no answer within/,
  ],
  "that drips": [() => answering(dripping), /no answer within/],
  "that never stops to talk": [() => answering(endless), /more than \d+ bytes/],
  "that speaks another language": [() => saying("\u0000\u0001SSH-2.0-x\r\n\r\n"), /./],
  "that ends in the middle of its answer": [
    () => saying("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", (socket) => socket.end()),
    /./,
  ],
  "that cuts the connection": [
    () => saying("HTTP/1.1 200 OK\r\n", (socket) => socket.resetAndDestroy()),
    /./,
  ],
  "that answers with a web page": [() => json("<!doctype html><title>Sign in</title>"), /not JSON/],
  "that answers with nothing": [() => json(""), /not JSON/],
  "that answers with other JSON": [() => json('{"version":"7","value":7}'), /another kind/],
  "that answers null": [() => json("null"), /another kind/],
  "that claims what nobody knows": [() => json('{"version":7,"unchanged":true}'), /another kind/],
  "that leads elsewhere": [
    () => answering((_, response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end()),
    /status 307/,
  ],
  "that fails": [() => answering((_, response) => response.writeHead(502).end("secret")), /status 502/],
  "that knows another token": [
    () => answering(storeListener({ store: memoryStore(), token: "x".repeat(16), logger: quiet })),
    /status 401/,
  ],
};

const quiet = { warn() {}, error() {} };

describe.each(Object.entries(faults))("an HTTP store, with a server %s", (_, [start, got]) => {
  test("fails in its time, says why and what to do, and never the token", async () => {
    const url = await start();
    const store = httpStore({ url, token });
    const failsWithin = async (milliseconds: number, work: Promise<unknown> | undefined): Promise<void> => {
      const startedAt = performance.now();
      const error: unknown = await work?.catch((reason: unknown) => reason);
      expect(performance.now() - startedAt).toBeLessThan(milliseconds);
      expect(error).toMatchObject({
        name: "IntermissionError",
        code: "store-failed",
        problem: expect.stringContaining("The HTTP store could not") as string,
        got: expect.stringMatching(got) as string,
        remedy: expect.stringMatching(/\.$/) as string,
      });
      expect(inspect(error, { depth: 9 })).not.toMatch(/the-token-of-the-deploys|secret/);
    };
    await Promise.all([
      failsWithin(readBound, store.read("app")),
      failsWithin(writeBound, store.write("app", "value", 0)),
      failsWithin(writeBound, store.reports?.put("app", "id", "value", 1000)),
      failsWithin(writeBound, store.reports?.list("app")),
    ]);
    await store.close();
  });
});

describe("an HTTP store", () => {
  test("is well again when its server is", async () => {
    const listener = storeListener({ store: memoryStore(), token });
    let isDown = true;
    const url = await answering((request, response) => {
      if (isDown) response.destroy();
      else listener(request, response);
    });
    const store = httpStore({ url, token });
    await expect(store.read("app")).rejects.toMatchObject({ code: "store-failed" });
    isDown = false;
    expect(await store.write("app", "value", 0)).toBe(true);
    expect((await store.read("app")).value).toBe("value");
    await store.close();
  });

  test("that is closed settles what is under way at once", async () => {
    const { port, stop } = await startSilentServer();
    stops.push(stop);
    const store = httpStore({ url: `http://127.0.0.1:${String(port)}/`, token });
    const reading = store.read("app");
    await store.close();
    const startedAt = performance.now();
    await expect(reading).rejects.toMatchObject({ problem: "The store is closed" });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test("gives its connections back when it gave up", async () => {
    let open = 0;
    const url = await answering((request, response) => {
      open++;
      response.on("close", () => open--);
      dripping(request, response);
    });
    const store = httpStore({ url, token });
    const reading = Array.from({ length: 10 }, () => store.read("app").catch(() => undefined));
    await expect.poll(() => open).toBe(10);
    await Promise.all(reading);
    await expect.poll(() => open).toBe(0);
    await store.close();
  });

  test("does not wait for a fetch that knows nothing of signals", async () => {
    const store = httpStore({
      url: "https://releases.example.com",
      token,
      fetch: () => new Promise(() => {}),
    });
    const startedAt = performance.now();
    await expect(store.read("app")).rejects.toMatchObject({ code: "store-failed" });
    expect(performance.now() - startedAt).toBeLessThan(readBound);
  });

  test.each([
    [403, "store-denied"],
    [501, "store-denied"],
    [404, "store-failed"],
    [413, "store-failed"],
    [429, "store-failed"],
    [204, "store-failed"],
  ])("takes status %i as %s", async (status, code) => {
    const url = await answering((_, response) => response.writeHead(status).end());
    const store = httpStore({ url, token });
    await expect(store.reports?.put("app", "id", "value", 1000)).rejects.toMatchObject({
      code,
      got: `status ${String(status)}`,
    });
    await store.close();
  });
});
