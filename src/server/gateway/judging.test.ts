import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { memoryStore } from "../../index.ts";
import { createIntermission } from "../../engine/create.ts";
import { closedSite, cookieOf } from "../../../test/support/closed-site.ts";
import { intermissionAt, midDeploy, settled, silentLogger } from "../../../test/support/deploy-window.ts";
import { nobody, startTestGateway, startUpstream } from "../../../test/support/gateway.ts";
import { visit } from "../../../test/support/http.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { MaskedError } from "../../core/settings/options.ts";

const html = { Accept: "text/html" };

/** The intermission of a gateway that runs beside no app and so knows no release of its own. */
async function alone(current: string | undefined): Promise<Intermission> {
  const intermission = createIntermission(
    { store: memoryStore(), logger: silentLogger },
    { environment: {} },
  );
  await intermission.ready();
  if (current !== undefined) await intermission.createRelease(current, { wait: false });
  return intermission;
}

const failing = (headers: Record<string, string> = {}): ReturnType<typeof startUpstream> =>
  startUpstream((_, response) => {
    response.writeHead(500, "Oh No", { "Content-Type": "text/plain", ...headers });
    response.end("the app's own words");
  });

describe("an error of the upstream", () => {
  test("is passed on to the last byte when nothing is deployed", async () => {
    const { url } = await startTestGateway([await failing({ "X-Own": "1" })], {
      intermission: await settled(),
    });
    const { status, statusMessage, headers, body } = await visit(url, { headers: html });
    expect({ status, statusMessage, body }).toEqual({
      status: 500,
      statusMessage: "Oh No",
      body: "the app's own words",
    });
    expect(headers["x-own"]).toBe("1");
  });

  test("becomes the page in the middle of a deploy, and keeps what is not about its body", async () => {
    const upstream = await failing({ "X-Request-Id": "7", ETag: '"a"' });
    const { url, counts } = await startTestGateway([upstream], { intermission: await midDeploy() });
    const { status, headers, body } = await visit(url, { headers: html });
    expect([status, headers["retry-after"], headers["x-maintenance"]]).toEqual([503, "60", "deploy"]);
    expect([headers["x-request-id"], headers.etag]).toEqual(["7", undefined]);
    expect(Number(headers["content-length"])).toBe(Buffer.byteLength(body));
    expect(body).toContain("<html");
    expect(body).not.toContain("the app's own words");
    expect(counts.masked).toBe(1);
  });

  test("gives the page its status where the settings say original, and 502 where there was no answer", async () => {
    const settings = { statusCode: "original" } as const;
    const { url } = await startTestGateway([await failing()], { intermission: await midDeploy(settings) });
    const { status, headers } = await visit(url, { headers: html });
    expect([status, headers["x-maintenance"]]).toEqual([500, "deploy"]);
    const dead = await startTestGateway([await nobody()], { intermission: await midDeploy(settings) });
    const { status: unanswered, body } = await visit(dead.url, { headers: { Accept: "application/json" } });
    expect([unanswered, (JSON.parse(body) as { readonly status: number }).status]).toEqual([502, 502]);
  });

  test("is passed on by a gateway that only observes, and told", async () => {
    const told: MaskedError[] = [];
    const intermission = await midDeploy({ observe: true, onMasked: (masked) => told.push(masked) });
    const { url, counts } = await startTestGateway([await failing()], { intermission });
    expect(await visit(`${url}/orders`, { headers: html })).toMatchObject({
      status: 500,
      body: "the app's own words",
    });
    expect(told).toMatchObject([{ observed: true, status: 500, path: "/orders" }]);
    expect(counts.masked).toBe(0);
  });

  test("to HEAD becomes the page without a body", async () => {
    const { url } = await startTestGateway([await failing()], { intermission: await midDeploy() });
    const { status, body } = await visit(url, { method: "HEAD" });
    expect([status, body]).toEqual([503, ""]);
  });

  test("is sent to one upstream, once, when it was a POST", async () => {
    const upstream = await failing();
    const { url } = await startTestGateway([upstream, await failing()], { intermission: await midDeploy() });
    const { status } = await visit(`${url}/order`, { method: "POST", body: "one" });
    expect([status, upstream.asked]).toEqual([503, ["POST /order"]]);
  });

  test("stays one where the app means it: with Retry-After, and of gRPC", async () => {
    const { url } = await startTestGateway([await failing({ "Retry-After": "5" })], {
      intermission: await midDeploy(),
    });
    expect((await visit(url)).status).toBe(500);
    const grpc = await startTestGateway([await failing({ "Content-Type": "application/grpc" })], {
      intermission: await midDeploy(),
    });
    expect((await visit(grpc.url)).status).toBe(500);
  });

  test("that has to wait for its verdict is whole all the same", async () => {
    const intermission = await settled({ freshFor: 0 });
    const { url } = await startTestGateway([await failing()], { intermission });
    expect((await visit(url)).body).toBe("the app's own words");
    expect((await visit(url, { method: "HEAD" })).status).toBe(500);
    await intermission.createRelease("v1.1", { wait: false });
    expect((await visit(url)).status).toBe(503);
  });

  test("that is larger than anybody would read is thrown away, and the next request gets its answer", async () => {
    const upstream = await startUpstream((request, response) => {
      response.statusCode = request.url === "/" ? 500 : 200;
      response.end(request.url === "/" ? Buffer.alloc(5_000_000) : "fine");
    });
    const { url } = await startTestGateway([upstream], { intermission: await midDeploy() });
    expect((await visit(url)).status).toBe(503);
    expect((await visit(`${url}/next`)).body).toBe("fine");
  });
});

describe("the release by which an error is judged", () => {
  test("is the one that the answer names, and visitors don't see it", async () => {
    const intermission = await alone("v1.1");
    const old = await startTestGateway([await failing({ "X-Release": "v1.0" })], { intermission });
    const answer = await visit(old.url);
    expect([answer.status, answer.headers["x-release"]]).toEqual([503, undefined]);
    const current = await startTestGateway([await failing({ "X-Release": "v1.1" })], { intermission });
    const regular = await visit(current.url);
    expect([regular.status, regular.headers["x-release"]]).toEqual([500, undefined]);
  });

  test.each<readonly [string, string | string[]]>([
    ["percent-encoded", encodeURIComponent("Größe 2, neu")],
    ["in two headers that agree", Array<string>(2).fill(encodeURIComponent("Größe 2, neu"))],
  ])("is told by its name %s", async (_, sent) => {
    const intermission = await alone("Größe 2, neu");
    const upstream = await startUpstream((__, response) => {
      response.writeHead(500, { "X-Release": sent }).end();
    });
    const { url } = await startTestGateway([upstream], { intermission });
    expect((await visit(url)).status).toBe(500);
    await intermission.createRelease("v2", { wait: false });
    expect((await visit(url)).status).toBe(503);
  });

  test("may be named by another header, and shown", async () => {
    const { url } = await startTestGateway([await failing({ "X-Version": "v1.1" })], {
      intermission: await alone("v1.1"),
      releaseHeader: "x-version",
      showRelease: true,
    });
    expect((await visit(url)).headers["x-version"]).toBe("v1.1");
  });

  test("is else the one that it named last", async () => {
    const upstream = await startUpstream((request, response) => {
      if (request.url === "/") response.setHeader("X-Release", "v1.0").end();
      else response.writeHead(500).end();
    });
    const { url } = await startTestGateway([upstream], { intermission: await alone("v1.1") });
    expect((await visit(`${url}/broken`)).status).toBe(500);
    await visit(url);
    expect((await visit(`${url}/broken`)).status).toBe(503);
  });

  test("is else the one that it was given", async () => {
    const { url: origin } = await failing();
    const { url } = await startTestGateway([{ origin, release: "v1.0" }], {
      intermission: await alone("v1.1"),
    });
    expect((await visit(url)).status).toBe(503);
  });

  test("is else the gateway's own", async () => {
    const { url } = await startTestGateway([await failing()], { intermission: await intermissionAt("v1.1") });
    expect((await visit(url)).status).toBe(503);
  });

  test("is else taken for the current one: an open deploy counts, a record alone does not", async () => {
    const intermission = await alone("v1.1");
    const { url } = await startTestGateway([await failing()], { intermission });
    expect((await visit(url)).status).toBe(500);
    await intermission.openDeploy({ release: "v1.2", lease: 60_000, wait: false });
    expect((await visit(url)).status).toBe(503);
  });
});

describe("an upstream that does not answer", () => {
  /** Accepts connections and does with them what it is told. */
  async function oddServer(
    meet: (socket: import("node:net").Socket) => void,
  ): Promise<{ readonly url: string; readonly met: () => number }> {
    let met = 0;
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        met += 1;
        meet(socket);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, met: () => met };
  }

  test("since nobody listens: 502, in words or as problem details", async () => {
    const { url, counts } = await startTestGateway([await nobody()]);
    const { status, headers, body } = await visit(url, { headers: html });
    expect([status, headers["content-type"]]).toEqual([502, "text/plain; charset=utf-8"]);
    expect(body).toBe("502 Bad Gateway\nThe app can't be reached.\n");
    const problem = await visit(url, { headers: { Accept: "application/json" } });
    expect(JSON.parse(problem.body)).toMatchObject({ status: 502, title: "Bad Gateway" });
    expect(counts.failures.refused).toBe(2);
  });

  test.each(["GET", "POST"])("since it breaks off, after a %s: 502", async (method) => {
    const server = await oddServer((socket) => socket.resetAndDestroy());
    const { url, counts } = await startTestGateway([server]);
    const { status, body } = await visit(url, { method, ...(method === "POST" ? { body: "one" } : {}) });
    expect([status, body]).toMatchObject([502, expect.stringContaining("without an answer")]);
    // A repeatable request is repeated once, a POST never.
    expect(server.met()).toBe(method === "POST" ? 1 : 2);
    expect(counts.failures.broken).toBe(1);
  });

  test("since it is silent: 504, and the request is not sent again", async () => {
    const server = await oddServer(() => undefined);
    const { url, counts } = await startTestGateway([server], { timeout: 200 });
    expect((await visit(url)).status).toBe(504);
    expect([server.met(), counts.failures.timeout]).toEqual([1, 1]);
  });

  test("since it speaks no HTTP: 502", async () => {
    const server = await oddServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    const { url } = await startTestGateway([server]);
    expect((await visit(url, { method: "POST", body: "one" })).status).toBe(502);
    expect(server.met()).toBe(1);
  });

  test("is hidden in the middle of a deploy, whatever the reason", async () => {
    const silent = await oddServer(() => undefined);
    const reset = await oddServer((socket) => socket.resetAndDestroy());
    for (const upstream of [silent, reset, await nobody()]) {
      const { url } = await startTestGateway([upstream], { intermission: await midDeploy(), timeout: 200 });
      const { status, headers } = await visit(url, { headers: html });
      expect([status, headers["x-maintenance"]]).toEqual([503, "deploy"]);
    }
  });

  test("and has named a release before is judged by that", async () => {
    const upstream = await startUpstream((_, response) => response.setHeader("X-Release", "v1.0").end());
    const { url } = await startTestGateway([upstream], { intermission: await alone("v1.1") });
    await visit(url);
    await upstream.close();
    expect((await visit(url)).status).toBe(503);
  });
});

describe("a closed site", () => {
  test("asks no upstream, but for who may pass", async () => {
    const upstream = await startUpstream((_, response) => response.end("app"));
    const { intermission, token } = await closedSite();
    const { url } = await startTestGateway([upstream], { intermission });
    const { status, headers } = await visit(url);
    expect([status, headers["x-maintenance"], upstream.asked]).toEqual([503, "closed", []]);
    expect((await visit(url, { headers: { Cookie: cookieOf(token) } })).body).toBe("app");
  });

  test("does not ask for a body that nobody takes", async () => {
    const { intermission } = await closedSite();
    const { url } = await startTestGateway([await nobody()], { intermission });
    const answer = await visit(url, {
      method: "POST",
      headers: { Expect: "100-continue", "Content-Length": 5 },
    });
    expect([answer.status, answer.headers.connection]).toEqual([503, "close"]);
  });
});
