import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { connect, type AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterEach, describe, expect, test } from "vitest";
import { midDeploy, settled, silentLogger } from "../../test/support/deploy-window.ts";
import { listen, visit, type Answer, type RunningServer } from "../../test/support/http.ts";
import type { Intermission } from "../core/intermission.ts";
import type { MaskedError } from "../core/options.ts";
import type { Store, StoreRecord } from "../core/ports.ts";
import { emptyState, encodeState } from "../core/state.ts";
import { createIntermission } from "../intermission.ts";
import { intercept } from "./node.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function serve(intermission: Intermission, listener: RequestListener): Promise<string> {
  const server = await listen((request, response) => {
    intercept(request, response, intermission);
    listener(request, response);
  });
  running.push(server);
  return server.url;
}

const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const browser = { headers: { accept } };
const secret = "column book.author does not exist";

/** Every way in which an app can send a server error. */
const failures: Readonly<Record<string, RequestListener>> = {
  "statusCode and end(body)": (_, response) => {
    response.statusCode = 500;
    response.end(secret);
  },
  "statusCode and end() alone": (_, response) => {
    response.statusCode = 502;
    response.end();
  },
  "statusCode, write and end": (_, response) => {
    response.statusCode = 500;
    response.write(secret);
    response.write(secret);
    response.end(secret);
  },
  "writeHead and end(body)": (_, response) => {
    response.writeHead(500, { "content-type": "text/plain" }).end(secret);
  },
  "writeHead with a reason phrase": (_, response) => {
    response.writeHead(500, "Kaputt", { "content-length": secret.length }).end(secret);
  },
  "writeHead with a flat list of headers": (_, response) => {
    response.writeHead(500, ["content-type", "text/plain", "x-a", "b"]).end(secret);
  },
  "writeHead and a later end": (_, response) => {
    response.writeHead(599);
    setImmediate(() => response.end(secret));
  },
  "flushHeaders and a later body": (_, response) => {
    response.statusCode = 500;
    response.flushHeaders();
    setImmediate(() => response.end(secret));
  },
  "a body with a wrong length": (_, response) => {
    response.statusCode = 500;
    response.setHeader("content-length", 3);
    response.end(secret);
  },
  "a chunked body with trailers": (_, response) => {
    response.writeHead(500, { trailer: "x-sum", "transfer-encoding": "chunked" });
    response.write(secret);
    response.addTrailers({ "x-sum": "1" });
    response.end();
  },
  "a stream piped into it": (_, response) => {
    response.statusCode = 500;
    Readable.from(Array.from({ length: 50 }, () => secret)).pipe(response);
  },
  "a pipeline of large chunks": (_, response) => {
    response.statusCode = 500;
    void pipeline(Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(16_384, "x"))), response);
  },
  "a body after some time": (_, response) => {
    setImmediate(() => {
      response.statusCode = 500;
      response.end(Buffer.from(secret));
    });
  },
};

const isPage = (answer: Answer): void => {
  expect(answer.status).toBe(503);
  expect(answer.statusMessage).toBe("Service Unavailable");
  expect(answer.headers["retry-after"]).toBe("60");
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.headers["content-type"]).toContain("text/html");
  expect(answer.headers["content-length"]).toBe(String(Buffer.byteLength(answer.body)));
  expect(answer.headers["transfer-encoding"]).toBeUndefined();
  expect(answer.body).toContain("</html>");
  expect(answer.body).not.toContain(secret);
};

describe.each(Object.entries(failures))("a server error sent by %s", (_, listener) => {
  test("becomes the page while a deploy is on", async () => {
    isPage(await visit(await serve(await midDeploy(), listener), browser));
  });

  test("becomes the headers of the page for HEAD", async () => {
    const answer = await visit(await serve(await midDeploy(), listener), { ...browser, method: "HEAD" });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(1000);
    expect(answer.body).toBe("");
  });

  test("stays exactly as it is at any other time", async () => {
    const bare = await listen(listener);
    running.push(bare);
    const url = await serve(await settled(), listener);
    const timeless = ({ rawHeaders, ...answer }: Answer): unknown => ({
      ...answer,
      headers: { ...answer.headers, date: "" },
      rawHeaders: rawHeaders.filter((_text, index) => rawHeaders[index - 1] !== "Date"),
    });
    const attempt = (address: string): Promise<unknown> =>
      visit(address).then(timeless, (error: unknown) => String(error));
    expect(await attempt(url)).toEqual(await attempt(bare.url));
  });

  test("leaves the connection usable for the next request", async () => {
    const url = new URL(await serve(await midDeploy(), listener));
    const socket = connect(Number(url.port), url.hostname);
    const ask = `GET / HTTP/1.1\r\nHost: x\r\nAccept: ${accept}\r\n\r\n`;
    socket.write(ask + ask + ask.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text.match(/HTTP\/1\.1 503 Service Unavailable/g)).toHaveLength(3);
    expect(text.match(/<\/html>/g)).toHaveLength(3);
  });
});

describe("what is left alone", () => {
  const untouched: Readonly<Record<string, readonly [status: number, listener: RequestListener]>> = {
    "a success": [200, (_, response) => response.end("fine")],
    "a redirect": [302, (_, response) => response.writeHead(302, { location: "/" }).end()],
    "a client error": [404, (_, response) => response.writeHead(404).end("no")],
    "an error that says when to retry": [
      503,
      (_, response) => response.writeHead(503, { "Retry-After": "5" }).end("busy"),
    ],
    "an error that says so by setHeader": [
      503,
      (_, response) => {
        response.setHeader("retry-after", 5);
        response.statusCode = 503;
        response.end("busy");
      },
    ],
    "a gRPC answer": [
      500,
      (_, response) => response.writeHead(500, { "content-type": "application/grpc+proto" }).end("x"),
    ],
    "a success that says 500 when its header is gone": [
      200,
      (_, response) => {
        response.write("fine");
        response.statusCode = 500;
        response.end();
      },
    ],
  };

  test.each(Object.entries(untouched))("%s", async (_, [status, listener]) => {
    const answer = await visit(await serve(await midDeploy(), listener));
    expect(answer.status).toBe(status);
    expect(answer.headers["cache-control"]).toBeUndefined();
  });

  test("an exempt path, with or without a query", async () => {
    const url = await serve(await midDeploy({ exempt: ["/health"] }), (_, response) =>
      response.writeHead(500).end("down"),
    );
    expect(await visit(`${url}/health?deep=1`)).toMatchObject({ status: 500, body: "down" });
    expect((await visit(`${url}/`)).status).toBe(503);
  });

  test("what the skip option names, also when it throws for another", async () => {
    const warnings: string[] = [];
    const intermission = await midDeploy({
      skip: (request: IncomingMessage) => {
        if (request.url === "/throws") throw new Error("skip is broken");
        return request.headers["x-admin"] === "1";
      },
      onWarning: ({ code }) => warnings.push(code),
    });
    const url = await serve(intermission, (_, response) => response.writeHead(500).end("trace"));
    expect((await visit(url, { headers: { "x-admin": "1" } })).body).toBe("trace");
    expect((await visit(`${url}/throws`)).status).toBe(503);
    expect(warnings).toEqual(["callback-failed"]);
  });

  test("a WebSocket handshake that fails", async () => {
    const url = await serve(await midDeploy(), (_, response) => response.writeHead(500).end("no"));
    const headers = { connection: "Upgrade", upgrade: "websocket" };
    expect((await visit(url, { headers })).status).toBe(500);
  });

  test("informational answers before it", async () => {
    const url = await serve(await midDeploy(), (_, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      response.writeHead(500).end(secret);
    });
    isPage(await visit(url, browser));
  });
});

describe("the headers of the failed response", () => {
  test("stay as far as they are not about its body", async () => {
    const url = await serve(await midDeploy(), (_, response) => {
      response.setHeader("Access-Control-Allow-Origin", "https://app.example");
      response.setHeader("X-Request-Id", "r1");
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.setHeader("Strict-Transport-Security", "max-age=1");
      response.setHeader("Vary", "Origin, accept");
      response.setHeader("ETag", '"x"');
      response.setHeader("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT");
      response.setHeader("Content-Security-Policy", "default-src *");
      response.writeHead(500, {
        "Content-Encoding": "gzip",
        "Content-Disposition": "attachment",
        "Content-Range": "bytes 0-1/2",
        "Accept-Ranges": "bytes",
        "X-Trace": "t1",
      });
      response.end(secret);
    });
    const { headers } = await visit(url);
    expect(headers).toMatchObject({
      "access-control-allow-origin": "https://app.example",
      "x-request-id": "r1",
      "x-trace": "t1",
      "set-cookie": ["a=1", "b=2"],
      "strict-transport-security": "max-age=1",
    });
    expect(headers.vary).toMatch(/^Origin, accept, Accept-Language/);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    for (const gone of [
      "etag",
      "last-modified",
      "content-encoding",
      "content-disposition",
      "content-range",
      "accept-ranges",
    ]) {
      expect(headers[gone]).toBeUndefined();
    }
  });

  test("given several times in a list all stay", async () => {
    const url = await serve(await midDeploy(), (_, response) => {
      response.writeHead(500, ["Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
      response.end();
    });
    expect((await visit(url)).headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  });
});

describe("the app's own calls", () => {
  const events: readonly [string, (response: ServerResponse) => void][] = [
    ["end(body, callback)", (response) => response.end("x", () => response.emit("test:callback"))],
    ["end(callback)", (response) => response.end(() => response.emit("test:callback"))],
    [
      "write with a callback, then end",
      (response) => {
        response.write("x", () => response.emit("test:callback"));
        response.end();
      },
    ],
    [
      "writeHead, then end with a callback",
      (response) => response.writeHead(500).end("x", "utf8", () => response.emit("test:callback")),
    ],
  ];

  for (const [when, make] of [
    ["masked", midDeploy],
    ["regular", settled],
  ] as const) {
    test.each(events)(`are called back once, with finish and close, after %s (${when})`, async (_, act) => {
      const counts = { callback: 0, finish: 0, close: 0 };
      const closed = new Promise<void>((resolve) => {
        void make().then(async (intermission) => {
          const url = await serve(intermission, (_request, response) => {
            response.on("test:callback", () => counts.callback++);
            response.on("finish", () => counts.finish++);
            response.on("close", () => {
              counts.close++;
              resolve();
            });
            response.statusCode = 500;
            act(response);
          });
          await visit(url);
        });
      });
      await closed;
      expect(counts).toEqual({ callback: 1, finish: 1, close: 1 });
    });
  }

  test("see a response that was answered: headersSent, writableEnded, statusCode", async () => {
    const seen: unknown[] = [];
    const url = await serve(await midDeploy(), (_, response) => {
      response.statusCode = 500;
      response.end("x");
      seen.push(response.headersSent, response.writableEnded, response.statusCode);
    });
    await visit(url);
    expect(seen).toEqual([true, true, 503]);
  });

  test("see a pipeline through to its end", async () => {
    let outcome: unknown;
    const url = await serve(await midDeploy(), (_, response) => {
      response.statusCode = 500;
      outcome = pipeline(Readable.from(["a", "b", "c"]), response);
    });
    isPage(await visit(url, browser));
    await expect(outcome).resolves.toBeUndefined();
  });
});

describe("onMasked", () => {
  test("is told what was hidden, and an error in it hurts nobody", async () => {
    const told: MaskedError[] = [];
    const url = await serve(
      await midDeploy({
        onMasked: (masked) => {
          told.push(masked);
          throw new Error("my own mistake");
        },
      }),
      (_, response) => response.writeHead(502).end(secret),
    );
    isPage(await visit(`${url}/books?page=2`, { ...browser, method: "POST" }));
    expect(told).toMatchObject([
      {
        status: 502,
        method: "POST",
        path: "/books",
        instanceRelease: "v1.0",
        currentRelease: "v1.1",
        reason: "release-mismatch",
      },
    ]);
  });

  test("is told nothing of what stayed regular", async () => {
    const told: MaskedError[] = [];
    const url = await serve(await settled({ onMasked: (masked) => told.push(masked) }), (_, response) =>
      response.writeHead(500).end(),
    );
    await visit(url);
    expect(told).toEqual([]);
  });
});

/** An intermission whose store answers when it is told to. */
function waitingIntermission(options: { readonly readTimeout?: number } = {}): {
  readonly intermission: Intermission;
  readonly asked: Promise<void>;
  answer(current: string): void;
} {
  let resolve!: (record: StoreRecord) => void;
  let reportAsked!: () => void;
  const asked = new Promise<void>((report) => (reportAsked = report));
  const store: Store = {
    read: () => {
      reportAsked();
      return new Promise((settle) => (resolve = settle));
    },
    write: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
  const intermission = createIntermission(
    { store, release: "v1.0", logger: silentLogger, readTimeout: 5000, ...options },
    { environment: {}, watching: false },
  );
  return {
    intermission,
    asked,
    answer: (current) => {
      resolve({ version: 1, value: encodeState({ ...emptyState, releases: [{ id: current, at: 0 }] }) });
    },
  };
}

describe("an error that waits for the store", () => {
  test.each(Object.entries(failures).filter(([name]) => !name.includes("large")))(
    "sent by %s becomes the page when the verdict is maintenance",
    async (_, listener) => {
      const { intermission, asked, answer } = waitingIntermission();
      const answered = visit(await serve(intermission, listener), browser);
      await asked;
      await new Promise((later) => setImmediate(later));
      answer("v1.1");
      isPage(await answered);
    },
  );

  test.each(Object.entries(failures).filter(([name]) => !/wrong length|large/.test(name)))(
    "sent by %s is sent as the app meant it when the verdict is regular",
    async (_, listener) => {
      const { intermission, asked, answer } = waitingIntermission();
      const answered = visit(await serve(intermission, listener));
      await asked;
      await new Promise((later) => setImmediate(later));
      answer("v1.0");
      const bare = await listen(listener);
      running.push(bare);
      const [held, plain] = [await answered, await visit(bare.url)];
      expect({ ...held, headers: { ...held.headers, date: "" }, rawHeaders: [] }).toEqual({
        ...plain,
        headers: { ...plain.headers, date: "" },
        rawHeaders: [],
      });
    },
  );

  test("looks finished to the app meanwhile", async () => {
    const { intermission, asked, answer } = waitingIntermission();
    const seen: unknown[] = [];
    const answered = visit(
      await serve(intermission, (_, response) => {
        response.statusCode = 500;
        response.end("x");
        seen.push(response.headersSent, response.writableEnded);
        response.end("again");
        seen.push(response.write("more"));
        response.statusCode = 200;
      }),
    );
    await asked;
    answer("v1.0");
    expect(await answered).toMatchObject({ status: 500, body: "x" });
    expect(seen).toEqual([true, true, false]);
  });

  test("is let go as regular when the store does not answer in time", async () => {
    const { intermission } = waitingIntermission({ readTimeout: 20 });
    const url = await serve(intermission, (_, response) => response.writeHead(500).end(secret));
    expect(await visit(url)).toMatchObject({ status: 500, body: secret });
  });

  test("is let go as regular when it grows beyond what is kept", async () => {
    const { intermission } = waitingIntermission();
    const body = "x".repeat(40_000);
    const url = await serve(intermission, (_, response) => {
      response.statusCode = 500;
      response.write(body);
      response.write(body);
      response.end();
    });
    expect(await visit(url)).toMatchObject({ status: 500, body: body + body });
  });

  test("of a visitor who left harms nobody", async () => {
    const { intermission, asked, answer } = waitingIntermission();
    let closed!: Promise<unknown>;
    const url = new URL(
      await serve(intermission, (_, response) => {
        closed = once(response, "close");
        response.writeHead(500).end(secret);
      }),
    );
    const socket = connect(Number(url.port), url.hostname);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await asked;
    socket.destroy();
    await closed;
    answer("v1.1");
    await new Promise((later) => setImmediate(later));
  });

  test("with a header that Node refuses still gets an answer", async () => {
    const { intermission, asked, answer } = waitingIntermission();
    const answered = visit(
      await serve(intermission, (_, response) => response.writeHead(500, { "x-bad": "a\nb" }).end("x")),
    );
    await asked;
    answer("v1.0");
    expect((await answered).status).toBe(500);
  });
});

test("a response is judged once, though two layers watch it", async () => {
  const told: MaskedError[] = [];
  const intermission = await midDeploy({ onMasked: (masked) => told.push(masked) });
  const url = await serve(intermission, (request, response) => {
    intercept(request, response, intermission);
    response.writeHead(500).end(secret);
  });
  isPage(await visit(url, browser));
  expect(told).toHaveLength(1);
});

describe("HTTP/2 through its compatibility API", () => {
  test.each(Object.entries(failures).filter(([name]) => !/chunked|wrong length|flat list/.test(name)))(
    "a server error sent by %s becomes the page",
    async (_, listener) => {
      const intermission = await midDeploy();
      const server = createHttp2Server((request, response) => {
        const [http1Request, http1Response] = [request, response] as unknown as [
          IncomingMessage,
          ServerResponse,
        ];
        intercept(http1Request, http1Response, intermission);
        listener(http1Request, http1Response);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const session = connectHttp2(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
      for (const method of ["GET", "HEAD"]) {
        const stream = session.request({ ":path": "/", ":method": method, accept });
        const [headers] = (await once(stream, "response")) as [Record<string, string | number>];
        let body = "";
        for await (const chunk of stream) body += String(chunk);
        expect(headers[":status"]).toBe(503);
        expect(headers["retry-after"]).toBe("60");
        expect(body.includes("</html>")).toBe(method === "GET");
        expect(body).not.toContain(secret);
      }
      session.close();
      server.close();
      await once(server, "close");
    },
  );
});
