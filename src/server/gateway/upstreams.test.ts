import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { connectTo, nobody, startTestGateway, startUpstream } from "../../../test/support/gateway.ts";
import { visit } from "../../../test/support/http.ts";

const named = (name: string, status = 200): ReturnType<typeof startUpstream> =>
  startUpstream((_, response) => {
    response.writeHead(status).end(name);
  });

describe("several upstreams", () => {
  test("take turns", async () => {
    const { url } = await startTestGateway([await named("a"), await named("b"), await named("c")]);
    const bodies: string[] = [];
    for (let times = 0; times < 6; times++) bodies.push((await visit(url)).body);
    expect(bodies.join("")).toBe("abcabc");
  });

  test("stand in for one that nobody can connect to, also for a POST, body and all", async () => {
    const upstream = await startUpstream((request, response) => {
      request.pipe(response);
    });
    const { url } = await startTestGateway([await nobody(), upstream]);
    for (let times = 0; times < 3; times++) {
      const { status, body } = await visit(url, { method: "POST", body: "x".repeat(100_000) });
      expect([status, body.length]).toEqual([200, 100_000]);
    }
    expect(upstream.asked).toHaveLength(3);
  });

  test("do not repeat a POST that one of them had", async () => {
    const breaking = await startUpstream((request) => request.socket.destroy());
    const other = await named("other");
    const { url } = await startTestGateway([breaking, other]);
    expect((await visit(url, { method: "POST", body: "one" })).status).toBe(502);
    expect([breaking.asked.length, other.asked.length]).toEqual([1, 0]);
  });

  test("repeat a GET once that one of them broke off", async () => {
    const breaking = await startUpstream((request) => request.socket.destroy());
    const { url, counts } = await startTestGateway([breaking, await named("other")]);
    expect((await visit(url)).body).toBe("other");
    expect(counts.repeated).toBe(1);
  });

  test("that refuse are tried again all the same when there is no other", async () => {
    const upstream = await named("a");
    const { port } = upstream.server.address() as { readonly port: number };
    const { url } = await startTestGateway([upstream]);
    await upstream.close();
    expect((await visit(url)).status).toBe(502);
    const again = createServer((_, response) => response.end("again")).listen(port, "127.0.0.1");
    await once(again, "listening");
    expect((await visit(url)).body).toBe("again");
    again.closeAllConnections();
    again.close();
  });

  test("that fail their health check are left out", async () => {
    const sick = await startUpstream((request, response) => {
      response.writeHead(request.url === "/up" ? 503 : 200).end("sick");
    });
    const well = await named("well");
    const { url } = await startTestGateway([sick, well], { healthPath: "/up", healthEvery: 20 });
    while (sick.asked.length < 2 || well.asked.length < 2) await visit(url);
    const bodies = [await visit(url), await visit(url), await visit(url)].map(({ body }) => body);
    expect(bodies).toEqual(["well", "well", "well"]);
  });
});

describe("holding", () => {
  test("lets requests wait until an upstream is there", async () => {
    const { url: origin } = await nobody();
    const { url, counts } = await startTestGateway([{ origin }], {
      hold: 20_000,
      intermission: await midDeploy(),
    });
    const { socket, until } = await connectTo(url);
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
    const get = visit(url);
    while (counts.held < 2) await new Promise((resolve) => setImmediate(resolve));
    const upstream = createServer((request, response) => request.pipe(response));
    upstream.listen(Number(new URL(origin).port), "127.0.0.1");
    await once(upstream, "listening");
    await until("body");
    expect((await get).status).toBe(200);
    upstream.closeAllConnections();
    upstream.close();
  });

  test("ends with the error, or the page, when the time is over", async () => {
    const regular = await startTestGateway([await nobody()], { hold: 50 });
    expect((await visit(regular.url)).status).toBe(502);
    const deploying = await startTestGateway([await nobody()], { hold: 50, intermission: await midDeploy() });
    expect((await visit(deploying.url)).status).toBe(503);
  });

  test("has room for so many and no more", async () => {
    const { url, counts } = await startTestGateway([await nobody()], { hold: 60_000, maximumHeld: 1 });
    const { socket } = await connectTo(url);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    while (counts.held < 1) await new Promise((resolve) => setImmediate(resolve));
    expect((await visit(url)).status).toBe(502);
  });

  test("ends when the visitor has gone, and leaves room for the next", async () => {
    const { url, counts } = await startTestGateway([await nobody()], { hold: 60_000, maximumHeld: 1 });
    for (const held of [1, 2]) {
      const { socket } = await connectTo(url);
      while (counts.held < held) {
        if (!socket.writableEnded) socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.destroy();
      await once(socket, "close");
    }
    expect(counts.held).toBe(2);
  });
});
