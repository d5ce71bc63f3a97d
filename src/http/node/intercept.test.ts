import type { IncomingMessage, RequestListener } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import {
  accept,
  browser,
  expectPage,
  failures,
  secret,
  serve,
  serveBare,
} from "../../../test/support/failing-listeners.ts";
import { visit, type Answer } from "../../../test/support/http.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { intercept } from "./intercept.ts";

describe.each(Object.entries(failures))("a server error sent by %s", (_, listener) => {
  test("becomes the page while a deploy is on", async () => {
    expectPage(await visit(await serve(await midDeploy(), listener), browser));
  });

  test("becomes the headers of the page for HEAD", async () => {
    const answer = await visit(await serve(await midDeploy(), listener), { ...browser, method: "HEAD" });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(1000);
    expect(answer.body).toBe("");
  });

  test("stays exactly as it is at any other time", async () => {
    const bare = await serveBare(listener);
    const url = await serve(await settled(), listener);
    const timeless = ({ rawHeaders, ...answer }: Answer): unknown => ({
      ...answer,
      headers: { ...answer.headers, date: "" },
      rawHeaders: rawHeaders.filter((_text, index) => rawHeaders[index - 1] !== "Date"),
    });
    const attempt = (address: string): Promise<unknown> =>
      visit(address).then(timeless, (error: unknown) => String(error));
    expect(await attempt(url)).toEqual(await attempt(bare));
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
    expectPage(await visit(url, browser));
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
      response.setHeader("CDN-Cache-Control", "max-age=600");
      response.setHeader("Surrogate-Control", "max-age=600");
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
      "cdn-cache-control",
      "surrogate-control",
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

test("a response is judged once, though two layers watch it", async () => {
  const told: MaskedError[] = [];
  const intermission = await midDeploy({ onMasked: (masked) => told.push(masked) });
  const url = await serve(intermission, (request, response) => {
    intercept(request, response, intermission);
    response.writeHead(500).end(secret);
  });
  expectPage(await visit(url, browser));
  expect(told).toHaveLength(1);
});
