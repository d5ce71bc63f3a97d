import { pathToFileURL } from "node:url";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import express from "express";
import { describe, expect, test } from "vitest";
import { built } from "../../../test/support/built.ts";
import type { Store } from "../../core/ports.ts";
import { storeHandler, storeListener } from "../../server/store-handler/index.ts";
import { storeContract, type StoreContractSubject } from "../../testing/index.ts";
import { memoryStore } from "../memory/index.ts";
import { openStore } from "../open.ts";
import { httpStore } from "./index.ts";

const token = "0123456789abcdef+/~._-==";

interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

interface Stoppable {
  address(): AddressInfo | string | null;
  closeAllConnections?(): void;
  close(done: () => void): unknown;
}

function served(server: Stoppable, path = "/"): Served {
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections?.();
      }),
  };
}

const servers: readonly (readonly [string, (store: Store) => Promise<Served>])[] = [
  [
    "a listener of node:http",
    async (store) => {
      const server = createServer(storeListener({ store, token }));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return served(server);
    },
  ],
  [
    "a path of an Express app",
    async (store) => {
      const app = express();
      app.use("/intermission/store", storeListener({ store, token }));
      app.use(express.json());
      const server = app.listen(0, "127.0.0.1");
      await once(server, "listening");
      return served(server, "/intermission/store");
    },
  ],
  [
    "a Fetch handler",
    async (store) => {
      const fetch = storeHandler({ store, token });
      const server = serve({ fetch, hostname: "127.0.0.1", port: 0 });
      await once(server, "listening");
      return served(server, "/under/a/path/");
    },
  ],
];

// Every turn of the many writers is a request: one server is enough for the multi-process cases.
const manyProcesses = {
  module: pathToFileURL(built("stores/http/index.js")),
  exportName: "httpStore",
};
const patience = 120_000;

describe.each(servers)("the store contract, with %s", (name, start) => {
  const subject: StoreContractSubject = {
    async createPlace() {
      const store = memoryStore();
      const { url, stop } = await start(store);
      return {
        open: () => httpStore({ url, token }),
        argument: { url, token },
        isUntouched: async () => (await store.read("app")).version === 0,
        async remove() {
          await stop();
          await store.close();
        },
      };
    },
    ...(name === servers[0]?.[0] ? { otherProcess: manyProcesses } : {}),
    push: false,
    reports: true,
  };
  for (const { name: title, run } of storeContract(subject)) test(title, run, patience);
});

describe("an HTTP store", () => {
  test("is opened by a URL with the token in it", async () => {
    const { url, stop } = (await servers[0]?.[1](memoryStore())) as Served;
    const withToken = url.replace("//", `//:${encodeURIComponent(token)}@`);
    const store = openStore(withToken);
    expect(await store.write("shop", "value", 0)).toBe(true);
    expect(await store.read("shop", 1)).toMatchObject({ version: 1, unchanged: true });
    await store.reports?.put("shop", "id", "report", 1000);
    expect((await store.reports?.list("shop"))?.reports).toMatchObject([{ id: "id", value: "report" }]);
    await store.close();
    await stop();
  });

  test("asks with a fetch of one's own", async () => {
    const handler = storeHandler({ store: memoryStore(), token });
    const asked: string[] = [];
    const store = httpStore({
      url: "https://releases.example.com/a",
      token,
      async fetch(url, init) {
        asked.push(`${init.method ?? ""} ${url}`);
        return handler(new Request(url, init));
      },
    });
    expect(await store.write("../shop?", "value", 0, "v1.0")).toBe(true);
    expect((await store.read("../shop?")).value).toBe("value");
    expect(asked).toEqual([
      "POST https://releases.example.com/a/record?app=..%2Fshop%3F",
      "GET https://releases.example.com/a/record?app=..%2Fshop%3F",
    ]);
  });

  test.each([
    ["https://example.com/?unencrypted=yes", "no parameter but"],
    ["https://example.com/?token=secret-secret-secret", "no parameter but"],
    ["https://example.com/#secret", "no parameter but"],
    ["https://", "https://:TOKEN@HOST/PATH"],
    ["ftp://example.com/", "https://:TOKEN@HOST/PATH"],
    ["http://example.com/", 'got "http://example.com/"'],
    ["http://localhost.example.com/", "unencrypted=true"],
    ["http://10.0.0.1:8080/", "unencrypted=true"],
    ["http://intermission.internal:8080/?unencrypted=false", "unencrypted=true"],
  ])("refuses the URL %s", (url, part) => {
    let thrown: unknown;
    try {
      httpStore({ url, token });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "bad-option", message: expect.stringContaining(part) as string });
    expect((thrown as Error).message).not.toContain("secret");
  });

  test.each([
    "http://localhost/",
    "http://127.0.0.1:9300/",
    "http://127.1/",
    "http://[::1]:9300/path",
    "http://shop.localhost/",
    "http://intermission.internal:8080/?unencrypted=true",
    "HTTPS://example.com",
  ])("takes the URL %s", async (url) => {
    await httpStore({ url, token }).close();
  });

  test.each([undefined, "", "short", "x".repeat(600), "0123456789abcdef 0123", "0123456789abcdéf"])(
    "refuses the token %s",
    (unusable) => {
      expect(() => httpStore({ url: "https://example.com/", token: unusable })).toThrow(
        expect.objectContaining({ code: "bad-option", remedy: expect.stringContaining(":TOKEN@") as string }),
      );
    },
  );

  test("is refused at once where its URL can't be used, without a word of the token", () => {
    expect(() => openStore("https://example.com/")).toThrow(/^The token/);
    expect(() => openStore("http://:0123456789abcdef@example.com/")).toThrow(
      expect.objectContaining({
        code: "bad-option",
        message: expect.not.stringContaining("0123456789abcdef") as string,
      }),
    );
  });
});
