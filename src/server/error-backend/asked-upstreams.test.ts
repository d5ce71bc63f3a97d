import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { listen } from "../../../test/support/http.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createAskedUpstreams, isAddress } from "./asked-upstreams.ts";

/** An upstream that reports a release until told to report another, or `undefined`: none. */
async function startUpstream(release: string | undefined, status = 200) {
  const upstream = { release, asked: [] as (string | undefined)[], address: "", close: async () => {} };
  const server = await listen((request, response) => {
    upstream.asked.push(request.url);
    if (upstream.release !== undefined) response.setHeader("X-Release", upstream.release);
    response.writeHead(status).end("x".repeat(100_000));
  });
  upstream.address = new URL(server.url).host;
  upstream.close = () => server.close();
  onTestFinished(() => server.close().catch(() => {}));
  return upstream;
}

async function ask(...addresses: string[]) {
  const clock = createFakeClock();
  const heard: string[] = [];
  const asked = createAskedUpstreams({
    ...{ addresses, path: "/healthz", header: "x-release", clock },
    isRecorded: () => false,
    heard: (release, address) => heard.push(`${address} ${release}`),
  });
  await asked.start();
  onTestFinished(() => {
    asked.close();
  });
  const running = (): readonly string[] | undefined => asked.running && [...asked.running];
  /** Waits until an upstream is heard of again. */
  async function next(): Promise<void> {
    const before = heard.length;
    await clock.advance(1000);
    await vi.waitUntil(() => heard.length > before);
  }
  return { asked, clock, heard, running, next };
}

test("an upstream says its release with whatever it answers, once a second", async () => {
  const upstream = await startUpstream("v1%2E0", 500);
  const { running, next, heard } = await ask(upstream.address);
  expect(running()).toEqual(["v1.0"]);
  await next();
  expect(upstream.asked).toEqual(["/healthz", "/healthz"]);
  expect(heard).toEqual(Array(2).fill(`${upstream.address} v1.0`));
});

test("after a change, the release before counts for five more seconds: its workers may be at work still", async () => {
  const upstream = await startUpstream("v1.0");
  const { asked, running, next, clock } = await ask(upstream.address);
  upstream.release = "v1.1";
  await next();
  expect(running()).toEqual(["v1.0", "v1.1"]);
  expect([...(asked.at(upstream.address) ?? [])]).toEqual(["v1.0", "v1.1"]);
  await clock.advance(4000);
  expect(running()).toEqual(["v1.1"]);
});

test("an upstream that is down counts as what it ran, until two minutes later beside another that answers", async () => {
  const [first, second] = [await startUpstream("v1.0"), await startUpstream("v1.1")];
  const { asked, running, next, clock, heard } = await ask(first.address, second.address);
  expect(running()).toEqual(["v1.0", "v1.1"]);
  await first.close();
  await clock.advance(119_000);
  await next();
  expect(heard.at(-1)).toBe(`${second.address} v1.1`);
  expect(running()).toEqual(["v1.1"]);
  expect([...(asked.at(first.address) ?? [])]).toEqual(["v1.0"]);
  await second.close();
  await clock.advance(600_000);
  expect(running()).toEqual(["v1.0", "v1.1"]);
});

test("nothing is known of upstreams that say nothing, or are none", async () => {
  const silent = await startUpstream(undefined);
  const { asked, running } = await ask(silent.address, "127.0.0.1:1");
  expect(running()).toBeUndefined();
  expect(asked.at(silent.address)).toBeUndefined();
});

test("a Unix socket is asked too", async () => {
  const folder = mkdtempSync(join(tmpdir(), "intermission-socket-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, "app.sock");
  const server = createServer((_, response) => response.setHeader("X-Release", "v1.0").end()).listen(path);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  expect((await ask(`unix:${path}`)).running()).toEqual(["v1.0"]);
});

test("once it is closed, nobody is asked any more", async () => {
  const upstream = await startUpstream("v1.0");
  const { asked, clock } = await ask(upstream.address);
  asked.close();
  expect(clock.pending).toBe(0);
});

describe("an address that can be asked", () => {
  test.each(["127.0.0.1:8000", "app-1.internal:80", "[::1]:8000", "unix:/run/shop.sock"])("%s", (text) => {
    expect(isAddress(text)).toBe(true);
  });
  test.each([
    "",
    "8000",
    "host",
    "host:0",
    "host:65536",
    "::1:80",
    "http://a:80",
    "unix:shop.sock",
    "a b:80",
  ])("not %j", (text) => {
    expect(isAddress(text)).toBe(false);
  });
});
