import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request as sendRequest, type IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { connectTo, startTestGateway, startUpstream } from "../../../test/support/gateway.ts";
import { visit } from "../../../test/support/http.ts";

const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe("a request", () => {
  test("reaches the upstream with its method, target, headers and body", async () => {
    const upstream = await startUpstream((request, response) => {
      void readAll(request).then((body) => {
        const { method, url, rawHeaders } = request;
        response.end(JSON.stringify({ method, url, rawHeaders, body: body.toString("latin1") }));
      });
    });
    const { url } = await startTestGateway([upstream]);
    const { body } = await visit(url, {
      path: "/a/%2e%2e/b?c=d&c=e",
      method: "PATCH",
      headers: { "X-Some-Thing": ["one", "two"], Cookie: "a=b", "Content-Type": "text/plain" },
      body: "hello",
    });
    const seen = JSON.parse(body) as { readonly rawHeaders: readonly string[] };
    expect(seen).toMatchObject({ method: "PATCH", url: "/a/%2e%2e/b?c=d&c=e", body: "hello" });
    expect(seen.rawHeaders.join("\n")).toContain("X-Some-Thing\none\nX-Some-Thing\ntwo\nCookie\na=b");
    expect(seen.rawHeaders).toEqual(expect.arrayContaining(["Host", new URL(url).host]));
  });

  test("has only one Host, that of an absolute target", async () => {
    const upstream = await startUpstream((request, response) => {
      response.end(`${request.url ?? ""} ${request.headers.host ?? ""}`);
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    socket.write(
      "GET http://shop.example:81/a?b HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n",
    );
    expect(await until("/a?b shop.example:81")).toContain("200 OK");
  });

  test("that speaks of one connection is not passed on in that part, either way", async () => {
    const upstream = await startUpstream((request, response) => {
      response.setHeader("Connection", "keep-alive, X-Mine");
      response.setHeader("X-Mine", "1");
      response.setHeader("Keep-Alive", "timeout=99");
      response.end(
        request.rawHeaders
          .filter((_, index) => index % 2 === 0)
          .join(",")
          .toLowerCase(),
      );
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    socket.write(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Hop, Host, X-Forwarded-For\r\nX-Hop: 1\r\nKeep-Alive: 1\r\n" +
        "Proxy-Connection: close\r\nTE: trailers, deflate\r\nX-End: 1\r\n\r\n",
    );
    const answer = await until("x-end");
    expect(answer).not.toMatch(/x-hop|proxy-connection|x-mine|timeout=99/i);
    expect(answer).toMatch(/host.*te.*x-forwarded-for/);
  });

  test("goes on while its body is still coming, and so does the answer", async () => {
    const upstream = await startUpstream((request, response) => {
      request.on("data", (chunk: Buffer) => response.write(`<${chunk.toString()}>`));
      request.on("end", () => response.end("end"));
    });
    const { url } = await startTestGateway([upstream], { buffersRequests: false });
    const { socket, until } = await connectTo(url);
    socket.write(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\none\r\n",
    );
    await until("<one>");
    socket.write("3\r\ntwo\r\n");
    await until("<two>");
    socket.write("0\r\n\r\n");
    await until("end");
  });

  test("is asked for its body when there is an upstream to take it", async () => {
    const upstream = await startUpstream((request, response) => {
      void readAll(request).then((body) => response.end(`got ${body.toString()}`));
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    expect(await until("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("hello");
    await until("got hello");
  });

  test("whose visitor goes away is ended at the upstream", async () => {
    let aborted: Promise<unknown> = Promise.resolve();
    const upstream = await startUpstream((_, response) => {
      aborted = once(response, "close");
      response.write("begun");
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("begun");
    socket.destroy();
    await aborted;
  });
});

describe("an answer", () => {
  test("is the same to the last byte: status line, header names, order, compressed body", async () => {
    const body = gzipSync(randomBytes(10_000));
    const sent = [
      "X-UPPER",
      "é".normalize(),
      "Set-Cookie",
      "a=1",
      "Set-Cookie",
      "b=2",
      "Content-Encoding",
      "gzip",
    ];
    const upstream = await startUpstream((_, response) => {
      response.writeHead(201, "Made It", [...sent, "Content-Length", String(body.byteLength), "Date", "x"]);
      response.end(body);
    });
    const { url } = await startTestGateway([upstream]);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sendRequest(url, { agent: false }, resolve).on("error", reject).end();
    });
    expect(await readAll(answer)).toEqual(body);
    expect([answer.statusCode, answer.statusMessage]).toEqual([201, "Made It"]);
    expect(answer.rawHeaders.slice(0, sent.length)).toEqual(sent);
    expect(answer.rawHeaders.filter((name) => name === "Date")).toHaveLength(1);
  });

  test("to HEAD has the length and no body", async () => {
    const upstream = await startUpstream((_, response) => response.setHeader("Content-Length", 7).end());
    const { url } = await startTestGateway([upstream]);
    const { status, headers, body } = await visit(url, { method: "HEAD" });
    expect([status, headers["content-length"], body]).toEqual([200, "7", ""]);
  });

  test.each([204, 304])("of status %i ends with its head", async (status) => {
    const upstream = await startUpstream((_, response) => response.writeHead(status, { ETag: '"a"' }).end());
    const { url } = await startTestGateway([upstream]);
    const answer = await visit(url);
    expect([answer.status, answer.headers.etag, answer.body]).toEqual([status, '"a"', ""]);
  });

  test("keeps its trailers", async () => {
    const upstream = await startUpstream((_, response) => {
      response.writeHead(200, { Trailer: "X-Sum" });
      response.write("body");
      response.addTrailers({ "X-Sum": "abc", "Set-Cookie": "a=b" });
      response.end();
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n");
    const answer = await until("X-Sum: abc\r\n\r\n");
    expect(answer).toContain("Trailer: X-Sum\r\n");
    expect(answer).not.toContain("Set-Cookie");
  });

  test("that comes in pieces is passed on piece by piece, its head first", async () => {
    let send = (_: string): void => {};
    const upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      send = (text) => response.write(text);
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until, text } = await connectTo(url);
    socket.write("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("text/event-stream");
    expect(text()).not.toContain("data:");
    send("data: one\n\n");
    await until("data: one");
    send("data: two\n\n");
    await until("data: two");
  });

  test("passes early hints on", async () => {
    const upstream = await startUpstream((_, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
      response.end("page");
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await until("page")).toMatch(
      /^HTTP\/1.1 103 Early Hints\r\nLink: <\/style.css>[^]+HTTP\/1.1 200 OK/i,
    );
  });

  test("that breaks off is cut off at the visitor too, without a second answer", async () => {
    const upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "Content-Length": 100 });
      response.write("begun", () => response.destroy());
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, text } = await connectTo(url);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(socket, "close");
    expect(text()).toMatch(/begun$/);
    expect(text().match(/HTTP\/1.1/g)).toHaveLength(1);
  });

  test("that comes before the body was sent leaves the next request in order", async () => {
    const upstream = await startUpstream((request, response) => {
      if (request.url === "/full") response.writeHead(413).end("too much");
      else response.end("next");
    });
    const { url } = await startTestGateway([upstream], { buffersRequests: false });
    const { socket, until } = await connectTo(url);
    socket.write(`POST /full HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${"x".repeat(1000)}`);
    await until("too much");
    const next = await visit(`${url}/next`);
    expect(next.body).toBe("next");
    expect(upstream.asked).toEqual(["POST /full", "GET /next"]);
  });
});

describe("a large body", () => {
  const size = 64 * 1024 * 1024;
  const piece = randomBytes(64 * 1024);
  const whole = createHash("sha256");
  for (let sent = 0; sent < size; sent += piece.byteLength) whole.update(piece);
  const expected = whole.digest("hex");

  /** Counts the pieces taken: nobody takes more than there is room for. */
  function createSource(): { readonly taken: () => number; pieces(): AsyncGenerator<Buffer> } {
    let taken = 0;
    return {
      taken: () => taken,
      async *pieces() {
        for (; taken < size; taken += piece.byteLength) yield piece;
      },
    };
  }

  /** Waits until a number stops changing. */
  async function standstill(count: () => number): Promise<number> {
    for (let before = -1; before !== count();) {
      before = count();
      await pause(100);
    }
    return count();
  }

  test("goes up unchanged, no faster than the upstream takes it", async () => {
    let begun = (_: IncomingMessage): void => {};
    const request = new Promise<IncomingMessage>((resolve) => (begun = resolve));
    const upstream = await startUpstream((incoming, response) => {
      begun(incoming);
      const hash = createHash("sha256");
      incoming.on("end", () => response.end(hash.digest("hex")));
      incoming.on("data", (chunk: Buffer) => hash.update(chunk)).pause();
    });
    const { url } = await startTestGateway([upstream], { buffersRequests: false });
    const { taken, pieces } = createSource();
    const answer = fetch(url, { method: "POST", body: pieces(), duplex: "half" });
    const incoming = await request;
    expect(await standstill(taken)).toBeLessThan(size / 2);
    incoming.resume();
    expect(await (await answer).text()).toBe(expected);
  });

  test("comes down unchanged, no faster than the visitor takes it", async () => {
    const { taken, pieces } = createSource();
    const upstream = await startUpstream((_, response) => {
      void (async () => {
        for await (const chunk of pieces()) if (!response.write(chunk)) await once(response, "drain");
        response.end();
      })();
    });
    const { url } = await startTestGateway([upstream], { temporaryFiles: 1_000_000 });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sendRequest(url, { agent: false }, resolve).on("error", reject).end();
    });
    expect(await standstill(taken)).toBeLessThan(size / 2);
    const hash = createHash("sha256");
    answer.on("data", (chunk: Buffer) => hash.update(chunk));
    await once(answer, "end");
    expect(hash.digest("hex")).toBe(expected);
  });
});
