import { createConnection } from "node:net";
import type { AddressInfo } from "node:net";
import fc, { type Arbitrary } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { maintenancePage } from "../../src/frameworks/node/index.ts";
import { browser, expectPage, failures } from "../support/failing-listeners.ts";
import { midDeploy } from "../support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../support/http.ts";
import { fewRuns, fuzzAsync, text } from "./cases.ts";

const mark = "qzmarkzq";
const listeners = Object.values(failures);

let server: RunningServer;
const oddPaths: string[] = [];
const uncaught: unknown[] = [];
const remember = (error: unknown): void => void uncaught.push(error);

beforeAll(async () => {
  process.on("unhandledRejection", remember);
  const intermission = await midDeploy({
    onMasked: ({ path, method }) => {
      if (path === "" || path.includes("?") || method === "") oddPaths.push(path);
    },
  });
  let turn = 0;
  server = await listen(
    maintenancePage((request, response) => listeners[turn++ % listeners.length]?.(request, response), {
      intermission,
    }),
  );
});

afterAll(async () => {
  await server.close();
  process.off("unhandledRejection", remember);
});

/** Sends raw bytes, ends its side, and resolves with everything received. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection((server.server.address() as AddressInfo).port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("latin1");
    socket.setTimeout(5000, () =>
      socket.destroy(new Error(`no end of the answer to ${JSON.stringify(bytes)}`)),
    );
    socket.on("data", (chunk: string) => (answer += chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // The server may hang up on a refused request while more of it is arriving.
      if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve(answer);
      else reject(error);
    });
    socket.on("close", () => resolve(answer));
    socket.end(Buffer.from(bytes, "latin1"));
  });
}

/** What Node's own parser refuses, and its interim responses. */
const nodesOwn = new Set([100, 400, 408, 413, 417, 431, 505]);

/** Fails unless one connection's answers are complete, and ours or Node's. Returns how many were the page. */
function countPages(sent: string, received: string): number {
  let rest = received;
  let pages = 0;
  while (rest !== "") {
    const head =
      /^HTTP\/1\.1 (\d{3}) [A-Za-z ]*\r\n((?:[!#-'*+.^_`|~0-9A-Za-z-]+: ?[\x20-\x7e]*\r\n)*)\r\n/.exec(rest);
    if (head === null) throw new Error(`no header: ${JSON.stringify([sent, rest])}`);
    const [whole, status, headers = ""] = head;
    rest = rest.slice(whole.length);
    if (status === "503") {
      pages++;
      expect(headers.match(/^retry-after: 60\r$/gim)).toHaveLength(1);
      expect(headers.match(/^cache-control: no-store\r$/gim)).toHaveLength(1);
    } else if (status === "500" || status === "502" || status === "599") {
      // The opening of a WebSocket belongs to the app.
      if (!/upgrade/i.test(sent)) throw new Error(`regular: ${JSON.stringify([sent, received])}`);
      return pages;
    } else if (!nodesOwn.has(Number(status))) {
      throw new Error(`status ${String(status)}: ${JSON.stringify(sent)}`);
    }
    const length = Number(/^content-length: (\d+)\r$/im.exec(headers)?.[1] ?? 0);
    // This is Node's own short answer when it can't meet an expectation.
    if (status === "417" && rest.startsWith("0\r\n\r\n")) rest = rest.slice(5);
    // HEAD has a length and no body.
    if (rest !== "" && !rest.startsWith("HTTP/1.1 ")) {
      const body = rest.slice(0, length);
      rest = rest.slice(length);
      if (body.length < length || body.includes(mark))
        throw new Error(`body: ${JSON.stringify([sent, body])}`);
    }
    if (/trap|qzmark/i.test(headers)) throw new Error(`header: ${JSON.stringify([sent, headers])}`);
  }
  return pages;
}

const odd = text.map((made) => mark + made);
const clean = odd.map((made) => made.replace(/[^\x21-\x7e\x80-\xff]/g, "."));
const fieldNames = fc.constantFrom(
  "Accept",
  "Accept-Language",
  "Sec-Fetch-Dest",
  "Sec-Fetch-Mode",
  "Sec-Fetch-Site",
  "X-Requested-With",
  "Cookie",
  "Origin",
  "Range",
  "If-None-Match",
  "TE",
  "Expect",
  "Upgrade",
  "Connection",
  "Host",
  "Transfer-Encoding",
  "Content-Length",
);
const fieldValue = fc.oneof(
  fc.constantFrom(
    "text/html",
    "application/json;q=0.9",
    "de, en;q=0.5",
    "empty",
    "chunked",
    "0",
    "100-continue",
    "close",
  ),
  clean,
  odd,
);
const field = fc.tuple(
  fc.oneof({ arbitrary: fieldNames, weight: 9 }, { arbitrary: odd, weight: 1 }),
  fieldValue,
);

const request: Arbitrary<string> = fc
  .record({
    method: fc.oneof(
      {
        arbitrary: fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "DELETE", "QUERY", "CONNECT"),
        weight: 9,
      },
      { arbitrary: odd, weight: 1 },
    ),
    target: fc.oneof(
      { arbitrary: clean.map((path) => `/${path}`), weight: 6 },
      {
        arbitrary: fc.constantFrom("*", "//", "/?", "/a?b#c", "http://other/x?y", "/%00%0d%0a", "/..//../"),
        weight: 2,
      },
      { arbitrary: odd, weight: 1 },
    ),
    version: fc.oneof(
      { arbitrary: fc.constant("HTTP/1.1"), weight: 9 },
      { arbitrary: fc.constantFrom("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.1 ", "http/1.1"), weight: 1 },
    ),
    fields: fc.array(field, { maxLength: 6 }),
    body: fc.oneof({ arbitrary: fc.constant(""), weight: 5 }, { arbitrary: odd, weight: 1 }),
  })
  .map(({ method, target, version, fields, body }) =>
    [
      `${method} ${target} ${version}`,
      "Host: x",
      "Connection: close",
      ...fields.map((pair) => pair.join(": ")),
      "",
      body,
    ].join("\r\n"),
  );

describe("a server that fails in the middle of a deploy", () => {
  test("answers whatever comes over the wire with the page or with Node's refusal, and stays alive", async () => {
    let pages = 0;
    let exchanges = 0;
    await fuzzAsync(
      request,
      async (bytes) => {
        exchanges++;
        pages += countPages(bytes, await exchange(bytes));
        expect(uncaught).toEqual([]);
        expect(oddPaths).toEqual([]);
      },
      // Fewer would make the share of pages a matter of chance.
      Math.max(5000, 5 * fewRuns),
    );
    expect(pages).toBeGreaterThan(exchanges / 4);
    expectPage(await visit(server.url, browser));
  }, 120_000);

  test("answers a header as long as Node lets it be without taking long", async () => {
    for (const name of ["Accept", "Accept-Language", "Sec-Fetch-Dest", "X-Requested-With"]) {
      for (const unit of ["a", ",", "text/html;q=0.1,", "q=1;", " a"]) {
        const value = unit.repeat(Math.floor(15_000 / unit.length));
        const bytes = `GET /${mark} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${name}: ${value}\r\n\r\n`;
        expect(countPages(bytes, await exchange(bytes))).toBe(1);
      }
    }
  });
});
