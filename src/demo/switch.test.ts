import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "./answers.ts";
import { createSwitch, type Backend, type Switch } from "./switch.ts";

let servers: Server[] = [];
let backends: Backend[] = [];
let recorded: Answer[] = [];
let siteSwitch: Switch;
let site = "";

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function addMachine(name: string, listener: RequestListener): Promise<void> {
  backends.push({ name, release: "v1.0", port: await serve(listener) });
}

beforeEach(async () => {
  servers = [];
  backends = [];
  recorded = [];
  let turn = 0;
  siteSwitch = createSwitch({
    next: () => backends[turn++ % backends.length],
    record: (answer) => recorded.push(answer),
  });
  site = `http://127.0.0.1:${String(await serve(siteSwitch.handle))}`;
});
afterEach(() => {
  siteSwitch.close();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

describe("the switch", () => {
  test("takes the machines in turn, and records who answered", async () => {
    await addMachine("web-1", (_request, response) => response.end("one"));
    await addMachine("web-2", (_request, response) => response.writeHead(500).end("two"));
    const texts: string[] = [];
    for (const path of ["/a?b=c", "/", "/"]) texts.push(await (await fetch(site + path)).text());
    expect(texts).toEqual(["one", "two", "one"]);
    expect(recorded.map(({ machine, path, status }) => [machine, path, status])).toEqual([
      ["web-1", "/a", 200],
      ["web-2", "/", 500],
      ["web-1", "/", 200],
    ]);
    expect(new Set(recorded.map(({ requestId }) => requestId)).size).toBe(3);
  });

  test("passes on headers and bodies in both directions, but not what is about one connection", async () => {
    await addMachine("web-1", (request, response) => {
      response.writeHead(303, { location: "/there", "set-cookie": ["a=1", "b=2"], connection: "close" });
      request.pipe(response);
    });
    const answer = await fetch(`${site}/sign`, { method: "POST", body: "hello", redirect: "manual" });
    expect(await answer.text()).toBe("hello");
    expect(answer.headers.get("location")).toBe("/there");
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(answer.headers.get("connection")).not.toBe("close");
  });

  test("asks the next machine when one is down", async () => {
    backends.push({ name: "web-1", release: "v1.0", port: 1 });
    await addMachine("web-2", (_request, response) => response.end("two"));
    expect(await (await fetch(site)).text()).toBe("two");
    expect(recorded.map(({ machine, status }) => [machine, status])).toEqual([["web-2", 200]]);
  });

  test("does not send twice what a visitor sent once", async () => {
    backends.push({ name: "web-1", release: "v1.0", port: 1 });
    await addMachine("web-2", (_request, response) => response.end("two"));
    expect((await fetch(site, { method: "POST", body: "hello" })).status).toBe(502);
  });

  test("says that no machine is up", async () => {
    const answer = await fetch(site);
    expect([answer.status, await answer.text()]).toEqual([502, "Bad Gateway\nNo machine is up.\n"]);
    expect(recorded[0]).toMatchObject({ machine: null, status: 502 });
  });

  test("lets a machine know that the visitor has left", async () => {
    const left = new Promise<void>((resolve) => {
      void addMachine("web-1", (_request, response) => {
        response.once("close", resolve);
        response.write("…");
      }).then(() => {
        const visitor = connect(Number(new URL(site).port), "127.0.0.1");
        visitor.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        visitor.once("data", () => visitor.destroy());
      });
    });
    await left;
    expect(recorded).toEqual([]);
  });
});
