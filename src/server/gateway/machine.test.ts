import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect as connectHttp2, type ClientHttp2Session, type OutgoingHttpHeaders } from "node:http2";
import { createServer as createHttpsServer, request as httpsRequest } from "node:https";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeCertificate } from "../../../test/support/certificate.ts";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { startTestGateway, startUpstream } from "../../../test/support/gateway.ts";
import { visit } from "../../../test/support/http.ts";
import type { AccessLogEntry } from "./access-log.ts";

const pair = makeCertificate();

function peerCertificateOf(socket: object): { readonly subject: { readonly CN: unknown } } {
  return (
    socket as { getPeerCertificate(): { readonly subject: { readonly CN: unknown } } }
  ).getPeerCertificate();
}

describe("an upstream", () => {
  test("may be a unix socket", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "gateway-")), "app.sock");
    const server = createHttpServer((request, response) => request.pipe(response)).listen(path);
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { url } = await startTestGateway([{ origin: `unix:${path}` }]);
    expect((await visit(url, { method: "POST", body: "one" })).body).toBe("one");
  });

  test("may speak TLS, and its certificate is checked", async () => {
    const server = createHttpsServer(pair, (request, response) => {
      response.end(request.headers["x-forwarded-proto"]);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const origin = `https://127.0.0.1:${String((server.address() as { readonly port: number }).port)}`;
    const known = await startTestGateway([{ origin }], { upstreamAuthority: pair.cert });
    expect(await visit(known.url)).toMatchObject({ status: 200, body: "http" });
    const stranger = await startTestGateway([{ origin }]);
    expect((await visit(stranger.url)).status).toBe(502);
  });

  test("may be another one for each host, and a host that is not served is refused", async () => {
    const [shop, blog] = [
      await startUpstream((_, response) => response.end("shop")),
      await startUpstream((_, response) => response.end("blog")),
    ];
    const hosts = new Map([
      ["shop.example", [{ origin: shop.url }]],
      ["blog.example", [{ origin: blog.url }]],
    ]);
    const gateway = await startTestGateway([], { hosts });
    const ask = async (host: string): Promise<string> =>
      (await visit(gateway.url, { headers: { host } })).body;
    expect([await ask("shop.example"), await ask("BLOG.example:8080")]).toEqual(["shop", "blog"]);
    expect((await visit(gateway.url)).status).toBe(421);
    gateway.change({ upstreams: [{ origin: blog.url }], hosts: new Map(), certificate: undefined });
    expect([await ask("shop.example"), await ask("other.example")]).toEqual(["blog", "blog"]);
  });
});

describe("a visitor with HTTPS", () => {
  function openSession(url: string): ClientHttp2Session {
    const session = connectHttp2(url, { ca: pair.cert });
    onTestFinished(() => {
      session.destroy();
    });
    session.on("error", () => undefined);
    return session;
  }

  async function ask(
    session: ClientHttp2Session,
    headers: OutgoingHttpHeaders,
    body?: Buffer,
  ): Promise<{
    readonly status: number;
    readonly headers: Record<string, unknown>;
    readonly length: number;
    readonly code: number;
    readonly text: string;
  }> {
    const stream = session.request(headers, { endStream: body === undefined });
    stream.on("error", () => undefined);
    if (body !== undefined) stream.end(body);
    let status = 0;
    let answered: Record<string, unknown> = {};
    stream.on("response", (given) => {
      status = given[":status"] ?? 0;
      answered = given;
    });
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    await once(stream, "close").catch(() => undefined);
    const all = Buffer.concat(pieces);
    return { status, headers: answered, length: all.byteLength, code: stream.rstCode, text: all.toString() };
  }

  test("gets HTTP/2: bodies both ways, cookies joined, an error masked, a cut that can be seen", async () => {
    const upstream = await startUpstream((request, response) => {
      if (request.url === "/error") {
        response.writeHead(500).end("own");
        return;
      }
      if (request.url === "/cut") {
        response.writeHead(200);
        response.write("half", () => response.destroy());
        return;
      }
      if (request.url === "/large") {
        response.end(Buffer.alloc(5_000_000));
        return;
      }
      response.setHeader(
        "X-Seen",
        JSON.stringify([request.headers.cookie, request.headers.host, request.headers["x-forwarded-proto"]]),
      );
      response.setHeader("Connection", "X-Hop");
      response.setHeader("X-Hop", "1");
      request.pipe(response);
    });
    const { url } = await startTestGateway([upstream], {
      certificate: pair,
      intermission: await midDeploy(),
    });
    const session = openSession(url);
    const echoed = await ask(
      session,
      { ":method": "POST", ":path": "/", cookie: ["a=1", "b=2"], accept: "*/*" },
      Buffer.alloc(300_000),
    );
    expect([echoed.status, echoed.length, echoed.headers["x-hop"]]).toEqual([200, 300_000, undefined]);
    expect(JSON.parse(String(echoed.headers["x-seen"]))).toEqual(["a=1; b=2", new URL(url).host, "https"]);
    // Visitors who keep making the gateway wait leave nothing behind.
    const warnings: string[] = [];
    const warned = ({ name }: Error): void => void warnings.push(name);
    process.on("warning", warned);
    expect((await ask(session, { ":path": "/large" })).length).toBe(5_000_000);
    process.off("warning", warned);
    expect(warnings).toEqual([]);
    const masked = await ask(session, { ":path": "/error", accept: "text/html" });
    expect([masked.status, masked.headers["x-maintenance"]]).toEqual([503, "deploy"]);
    expect(masked.text).toContain("<html");
    const cut = await ask(session, { ":path": "/cut" });
    expect([cut.text, cut.code === 0]).toEqual(["half", false]);
  });

  test("gets HTTP/1.1 too, and a new certificate without a lost connection", async () => {
    const upstream = await startUpstream((_, response) => response.end("app"));
    const gateway = await startTestGateway([upstream], { certificate: pair });
    const before = openSession(gateway.url);
    expect((await ask(before, { ":path": "/" })).text).toBe("app");
    const renewed = makeCertificate("renewed");
    gateway.change({ upstreams: [{ origin: upstream.url }], hosts: undefined, certificate: renewed });
    const subject = await new Promise<string>((resolve, reject) => {
      httpsRequest(gateway.url, { ca: renewed.cert, agent: false }, (answer) => {
        const { subject: named } = peerCertificateOf(answer.socket);
        answer.resume();
        resolve(String(named.CN));
      })
        .on("error", reject)
        .end();
    });
    expect(subject).toBe("renewed");
    expect((await ask(before, { ":path": "/" })).text).toBe("app");
  });
});

describe("the access log", () => {
  test("has a line for each request, with the error behind the page", async () => {
    const lines: AccessLogEntry[] = [];
    const accessLog = {
      write: (entry: AccessLogEntry) => lines.push(entry),
      reopen: () => undefined,
      close: async () => undefined,
    };
    const upstream = await startUpstream((request, response) => {
      response.setHeader("X-Release", "v1.0");
      if (request.url === "/error") response.writeHead(500);
      response.end(String(request.headers["x-request-id"]));
    });
    const { url } = await startTestGateway([upstream], { accessLog, intermission: await midDeploy() });
    const given = await visit(`${url}/a?secret=1`, { headers: { "X-Request-Id": "abc-1" } });
    expect([given.body, given.headers["x-request-id"]]).toEqual(["abc-1", "abc-1"]);
    const made = await visit(url, { headers: { "X-Request-Id": "a b\tc" } });
    expect(made.body).toMatch(/^[\da-f-]{36}$/);
    await visit(`${url}/error`, { method: "POST", body: "x" });
    while (lines.length < 3) await new Promise((resolve) => setImmediate(resolve));
    const common = { upstream: upstream.url, release: "v1.0" };
    expect(lines[0]).toMatchObject({
      ...common,
      status: 200,
      method: "GET",
      path: "/a",
      bytes: 5,
      requestId: "abc-1",
    });
    expect(lines[0]).not.toHaveProperty("originalStatus");
    expect(lines[2]).toMatchObject({
      ...common,
      status: 503,
      originalStatus: 500,
      reason: "release-mismatch",
      method: "POST",
      path: "/error",
    });
    expect(lines[2]?.bytes).toBeGreaterThan(100);
  });
});

describe("healing", () => {
  const old = (): ReturnType<typeof startUpstream> =>
    startUpstream((request, response) => {
      response.setHeader("X-Release", "v1.0");
      if (request.url !== "/") response.statusCode = 500;
      response.end("old");
    });

  test("asks an upstream of the current release for what an old one fails, and for nothing else", async () => {
    let status = 200;
    const current = await startUpstream((_, response) => {
      response.setHeader("X-Release", "v1.1").writeHead(status).end("new");
    });
    const upstream = await old();
    const { url, counts } = await startTestGateway([upstream, current], {
      heals: true,
      intermission: await midDeploy(),
    });
    await visit(url);
    await visit(url);
    expect(await visit(`${url}/page`)).toMatchObject({ status: 200, body: "new" });
    expect(counts.healed).toBe(1);
    await visit(url);
    expect((await visit(`${url}/order`, { method: "POST", body: "x" })).status).toBe(503);
    await visit(url);
    status = 500;
    expect((await visit(`${url}/both`)).status).toBe(503);
    expect([counts.healed, counts.masked]).toEqual([1, 2]);
  });

  test("is not waited for longer than 2 s, and then the page comes", async () => {
    let asked = 0;
    const silent = await startUpstream((_, response) => {
      asked += 1;
      if (asked === 1) response.setHeader("X-Release", "v1.1").end("new");
    });
    const { url, counts } = await startTestGateway([await old(), silent], {
      heals: true,
      intermission: await midDeploy(),
    });
    await visit(url);
    await visit(url);
    expect((await visit(`${url}/page`)).status).toBe(503);
    expect([asked, counts.healed]).toEqual([2, 0]);
  });
});

test("upstreams say their release before the first visitor comes, so that no window begins blind", async () => {
  const upstream = await startUpstream((_, response) => {
    response.setHeader("X-Release", "v%31.0").writeHead(500).end();
  });
  const gateway = await startTestGateway([upstream], { asksAtStart: true });
  await once(upstream.server, "request");
  while (gateway.status().upstreams[0]?.release !== "v1.0")
    await new Promise((resolve) => setImmediate(resolve));
  expect(upstream.asked).toEqual(["HEAD /"]);
});

test("what visitors say of ports, prefixes and schemes is dropped, but for a trusted proxy's", async () => {
  const upstream = await startUpstream((request, response) => {
    response.end(request.rawHeaders.join("|").toLowerCase());
  });
  const names = [
    "X-Forwarded-Port",
    "X-Forwarded-Ssl",
    "X-Forwarded-Prefix",
    "X-Forwarded-Scheme",
    "X_Forwarded_Port",
    "X-Scheme",
  ];
  const headers = Object.fromEntries(names.map((name) => [name, "marked"]));
  const { url } = await startTestGateway([upstream]);
  expect((await visit(url, { headers })).body).not.toContain("marked");
  const { parseAddressRange } = await import("../../core/exemption.ts");
  const trusting = await startTestGateway([upstream], { trusted: [parseAddressRange("127.0.0.1")] });
  expect((await visit(trusting.url, { headers })).body).toContain("x-forwarded-port|marked");
});
