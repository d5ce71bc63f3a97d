import { describe, expect, test } from "vitest";
import { sendRaw, startTestGateway, startUpstream } from "../../../test/support/gateway.ts";

/*
 * Two servers that disagree on where a request ends let one request hide inside another. The gateway ends
 * each of these, and what may be hidden in it reaches nobody.
 * https://portswigger.net/web-security/request-smuggling
 */

const hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
const request = (...lines: readonly string[]): string =>
  `POST / HTTP/1.1\r\nHost: a\r\n${lines.join("\r\n")}`;

describe("a request of which it is not certain where it ends", () => {
  test.each<readonly [string, string]>([
    ["two lengths", request("Content-Length: 0", "Content-Length: 30", "", hidden)],
    ["a list of lengths", request("Content-Length: 0, 30", "", hidden)],
    ["a length and chunks", request("Content-Length: 5", "Transfer-Encoding: chunked", "", "0", "", hidden)],
    ["chunks and a length", request("Transfer-Encoding: chunked", "Content-Length: 5", "", "0", "", hidden)],
    ["chunks that are not last", request("Transfer-Encoding: chunked, identity", "", "0", "", hidden)],
    ["a coding that nobody knows", request("Transfer-Encoding: xchunked", "", "0", "", hidden)],
    ["chunks behind a form feed", request("Transfer-Encoding: \u000cchunked", "", "0", "", hidden)],
    ["a space before the colon", request("Transfer-Encoding : chunked", "", "0", "", hidden)],
    ["a length with a sign", request("Content-Length: +5", "", hidden)],
    ["a length in hexadecimal", request("Content-Length: 0x5", "", hidden)],
    ["a folded header", request("X-Fold: a", " b", "Content-Length: 0", "", hidden)],
    ["a chunk size that is none", request("Transfer-Encoding: chunked", "", "zz", "", hidden)],
    ["a chunk size with 0x", request("Transfer-Encoding: chunked", "", "0x0", "", "", hidden)],
    ["a chunk longer than it says", request("Transfer-Encoding: chunked", "", "1", "abc", "0", "", hidden)],
    ["a bare line feed", `POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n${hidden}`],
    ["a bare line feed behind a chunk size", request("Transfer-Encoding: chunked", "", "0\n\n", hidden)],
    ["a null in a header", request("X: a\u0000b", "Content-Length: 0", "", hidden)],
    ["two hosts", request("Host: b", "Content-Length: 0", "", "")],
    ["no host", "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"],
    ["a space in its target", `POST /a b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n${hidden}`],
  ])("%s", async (_, bytes) => {
    const upstream = await startUpstream((__, response) => response.end("reached"));
    const { url } = await startTestGateway([upstream]);
    const answer = await sendRaw(url, bytes);
    expect(upstream.asked.join()).not.toContain("hidden");
    expect(answer).not.toContain("200 OK");
    expect(answer).toMatch(/^HTTP\/1.1 (?:400 Bad Request|501 Not Implemented)\r\n/);
  });

  test("and one of which it is reaches the upstream", async () => {
    const upstream = await startUpstream((_, response) => response.end("reached"));
    const { url } = await startTestGateway([upstream]);
    const last = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    await sendRaw(url, request("Transfer-Encoding: chunked", "", "1", "a", "0", "", last));
    expect(upstream.asked).toEqual(["POST /", "GET /last"]);
  });
});

describe("a request that is no one's to forward", () => {
  test.each([
    ["CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"],
    ["of all resources", "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["with headers past all measure", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
  ])("%s", async (_, bytes) => {
    const upstream = await startUpstream((__, response) => response.end("reached"));
    const { url } = await startTestGateway([upstream]);
    expect(await sendRaw(url, bytes)).not.toContain("reached");
    expect(upstream.asked).toEqual([]);
  });
});

describe("what a visitor says of itself", () => {
  test("is replaced, however it is spelt", async () => {
    const upstream = await startUpstream((incoming, response) => {
      response.end(incoming.rawHeaders.join("|"));
    });
    const { url } = await startTestGateway([upstream]);
    const answer = await sendRaw(
      url,
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nx_forwarded_for: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n" +
        "Forwarded: for=6.6.6.6\r\nX-Forwarded-Host: 6.6.6.6\r\nX-Forwarded-Proto: 6.6.6.6\r\nConnection: close\r\n\r\n",
    );
    expect(answer).not.toContain("6.6.6.6");
    expect(answer).toContain("X-Forwarded-For|127.0.0.1");
  });
});
