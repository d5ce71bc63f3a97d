import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { describe, expect, test, vi } from "vitest";
import type { Store } from "../../core/ports.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createAnswer, type Asked } from "./answer.ts";
import { storeHandler, storeListener, type StoreHandlerOptions } from "./index.ts";

const token = "may-write-0123456789";
const readToken = "may-read-0123456789";
const quiet = { warn() {}, error() {} };

function createHandler(options: Partial<StoreHandlerOptions> = {}): (request: Request) => Promise<Response> {
  return storeHandler({ store: memoryStore(), token, readToken, logger: quiet, ...options });
}

function request(
  target: string,
  { bearer = token, ...init }: RequestInit & { bearer?: string } = {},
): Request {
  const headers = new Headers(bearer === "" ? {} : { authorization: `Bearer ${bearer}` });
  return new Request(`https://releases.example.com/${target}`, { headers, ...init });
}

const write = (value: string, expectedVersion: number): RequestInit => ({
  method: "POST",
  body: JSON.stringify({ value, expectedVersion }),
});

describe("the handler of a store", () => {
  test("reads, writes and reports in the protocol that the documents have", async () => {
    const handler = createHandler();
    const ask = async (target: string, init: RequestInit = {}): Promise<unknown> => {
      const response = await handler(request(target, init));
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(response.headers.get("cache-control")).toBe("no-store");
      return response.json();
    };
    const now = expect.any(Number) as number;
    expect(await ask("record?app=shop")).toEqual({ version: 0, now });
    expect(await ask("record?app=shop", write("v1", 0))).toEqual({ written: true });
    expect(await ask("record?app=shop", write("v2", 0))).toEqual({ written: false });
    expect(await ask("record?app=shop")).toEqual({ version: 1, value: "v1", now });
    expect(await ask("any/path/record?app=shop&known=1")).toEqual({ version: 1, unchanged: true, now });
    const put = { method: "PUT", body: JSON.stringify({ value: "report", keepFor: 60_000 }) };
    expect(await ask("reports?app=shop&id=one", put)).toEqual({ kept: true });
    expect(await ask("reports?app=shop&within=60000")).toEqual({
      now,
      reports: [{ id: "one", value: "report", at: now }],
    });
  });

  test.each(["", "wrong-token-0123456789", "may-write-012345678", `${token}0`, "x".repeat(5000)])(
    "tells nothing to who has the token %j",
    async (bearer) => {
      const read = vi.fn();
      const handler = createHandler({ store: { ...memoryStore(), read } });
      for (const target of ["record?app=shop", "reports?app=shop", "nowhere", "record"]) {
        const response = await handler(request(target, { bearer }));
        expect([response.status, await response.text()]).toEqual([401, ""]);
        expect(response.headers.get("www-authenticate")).toBe("Bearer");
      }
      expect(read).not.toHaveBeenCalled();
    },
  );

  test("knows an old token beside the new one, each with its right", async () => {
    const handler = createHandler({
      token: [token, "may-write-too-0123456789"],
      readToken: [readToken, "may-read-too-0123456789"],
    });
    const statusOf = async (bearer: string): Promise<number> =>
      (await handler(request("record?app=shop", { bearer, ...write("v1", 7) }))).status;
    expect(await statusOf(token)).toBe(200);
    expect(await statusOf("may-write-too-0123456789")).toBe(200);
    expect(await statusOf(readToken)).toBe(403);
    expect(await statusOf("may-read-too-0123456789")).toBe(403);
    expect(await statusOf("may-nothing-0123456789")).toBe(401);
  });

  const reportToken = "may-report-0123456789";
  test.each([
    ["token", { reportToken }, token, [200, 200, 200, 200]],
    ["reportToken", { reportToken }, reportToken, [200, 200, 200, 403]],
    ["readToken", { reportToken }, readToken, [200, 200, 403, 403]],
    ["readToken, where nobody but deploys reports,", { reportToken: [] }, readToken, [200, 200, 403, 403]],
    ["readToken, where there is none for reports,", {}, readToken, [200, 200, 200, 403]],
  ])("gives the holder of the %s its rights", async (_, options, bearer, expected) => {
    const store = memoryStore();
    const handler = createHandler({ store, ...options });
    const statusOf = async (target: string, init: RequestInit): Promise<number> =>
      (await handler(request(target, { ...init, bearer }))).status;
    const report = { method: "PUT", body: JSON.stringify({ value: "report", keepFor: 60_000 }) };
    const statuses = [
      await statusOf("record?app=shop", {}),
      await statusOf("reports?app=shop", {}),
      await statusOf("reports?app=shop&id=one", report),
      await statusOf("record?app=shop", write("v1", 0)),
    ];
    expect(statuses).toEqual(expected);
    expect((await store.reports?.list("shop"))?.reports).toHaveLength(expected[2] === 200 ? 1 : 0);
    expect((await store.read("shop")).version).toBe(expected[3] === 200 ? 1 : 0);
  });

  const put = (body: unknown): RequestInit => ({ method: "PUT", body: JSON.stringify(body) });
  test.each<readonly [status: number, target: string, init: RequestInit]>([
    [400, "record", {}],
    [400, "record?app=", {}],
    [400, "record?app=a%00b", {}],
    [400, `record?app=${"a".repeat(128)}`, {}],
    [400, "record?app=shop&known=-1", {}],
    [400, "record?app=shop&known=1e3", {}],
    [400, "record?app=shop", { method: "POST" }],
    [400, "record?app=shop", { method: "POST", body: "{" }],
    [400, "record?app=shop", { method: "POST", body: "null" }],
    [400, "record?app=shop", { method: "POST", body: '{"value":"v1","expectedVersion":"0"}' }],
    [400, "record?app=shop", write("v1", -1)],
    [400, "record?app=shop", write("v1", Number.MAX_SAFE_INTEGER)],
    [413, "record?app=shop", write("x".repeat(1_048_576), 0)],
    [405, "record?app=shop", { method: "DELETE" }],
    [400, "reports?app=shop", put({ value: "report", keepFor: 1000 })],
    [400, `reports?app=shop&id=${"i".repeat(65)}`, put({ value: "report", keepFor: 1000 })],
    [400, "reports?app=shop&id=one", put({ value: "report", keepFor: 0 })],
    [400, "reports?app=shop&id=one", put({ value: "report", keepFor: 31 * 86_400_000 })],
    [413, "reports?app=shop&id=one", put({ value: "é".repeat(8193), keepFor: 1000 })],
    [413, "reports?app=shop&id=one", put({ value: "x".repeat(131_072), keepFor: 1000 })],
    [400, "reports?app=shop&id=one", put({ value: "report", keepFor: "1000" })],
    [400, "reports?app=shop&id=a%0ab", put({ value: "report", keepFor: 1000 })],
    [405, "reports?app=shop", { method: "POST" }],
    [404, "", {}],
    [404, "records?app=shop", {}],
  ])("answers %i to %s with %o", async (status, target, init) => {
    const store = memoryStore();
    const response = await createHandler({ store })(request(target, init));
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({ status, title: expect.stringMatching(/\.$/) as string });
    expect((await store.read("shop")).version).toBe(0);
  });

  test("keeps a failure of its store to itself, and tells its own log once a minute", async () => {
    const warn = vi.fn();
    const clock = createFakeClock();
    const store: Store = {
      ...memoryStore(),
      read: () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.7:5432")),
    };
    const answer = createAnswer({ store, token, logger: { ...quiet, warn } }, clock);
    const ask = { method: "GET", url: "/record?app=shop", authorization: `Bearer ${token}`, body: noBody };
    for (let turn = 0; turn < 3; turn++) {
      const { status, headers, body } = await answer(ask);
      expect([status, headers["retry-after"]]).toEqual([503, "1"]);
      expect(body).not.toContain("10.0.0.7");
      await answer({ ...ask, authorization: undefined });
    }
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringContaining("ECONNREFUSED"),
      expect.stringContaining("wrong token"),
    ]);
    await clock.advance(60_000);
    await answer(ask);
    expect(warn).toHaveBeenCalledTimes(3);
  });

  test("waits five seconds for a body, and no longer", async () => {
    const clock = createFakeClock();
    const answer = createAnswer({ store: memoryStore(), token, logger: quiet }, clock);
    const slow: Asked = {
      method: "POST",
      url: "/record?app=shop",
      authorization: `Bearer ${token}`,
      body: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
    };
    const answered = answer(slow);
    await vi.waitFor(() => {
      expect(clock.pending).toBe(1);
    });
    await clock.advance(5000);
    expect((await answered).status).toBe(408);
    expect(clock.pending).toBe(0);
  });

  test("answers 501 where the store keeps no reports", async () => {
    const { read, write: set, close } = memoryStore();
    const response = await createHandler({ store: { read, write: set, close } })(request("reports?app=shop"));
    expect(response.status).toBe(501);
  });

  test.each([
    [{ token: "short" }, "The option token"],
    [{ token: "with a space in it and long" }, "The option token"],
    [{ token: undefined as unknown as string }, "The option token"],
    [{ readToken: "" }, "The option readToken"],
    [{ token: [] }, "The option token"],
    [{ token: [token, "short"] }, "The option token"],
    [{ token: Array.from({ length: 11 }, () => token) }, "11 of them"],
    [{ readToken: token }, "token and readToken of the store's handler are the same"],
    [{ reportToken: token }, "token and reportToken of the store's handler are the same"],
    [{ reportToken: ["r".repeat(16), readToken] }, "reportToken and readToken"],
    [{ reportToken: "" }, "The option reportToken"],
    [{ token: [`${token}0`, token], readToken: [token] }, "the same"],
  ])("refuses %o", (options, part) => {
    expect(() => createHandler(options)).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining(part) as string }),
    );
  });
});

describe("the listener of a store", () => {
  test("ends the connection of who sends a large body without the token, unread", async () => {
    const server = createServer(storeListener({ store: memoryStore(), token, logger: quiet }));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST /record?app=shop HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\nx");
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    await once(socket, "close");
    expect(text).toMatch(/^HTTP\/1\.1 401 .*connection: close/is);
    server.close();
    await once(server, "close");
  });
});

function noBody(): AsyncIterable<Uint8Array> {
  throw new Error("The body was asked for.");
}
