import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../core/ports.ts";
import { ask, bearer, lists, putReport, reads, start, store } from "../../../test/support/console.ts";
import { playDeploy } from "../../../test/support/played-deploy.ts";
import { createFakeClock, type FakeClock } from "../../testing/fake-clock.ts";
import type { ConsoleServer } from "./index.ts";

async function watch({ url }: ConsoleServer, path = "/events"): Promise<IncomingMessage> {
  const sent = request(new URL(path, url), { headers: bearer });
  sent.on("error", () => {});
  sent.end();
  const [stream] = (await once(sent, "response")) as [IncomingMessage];
  stream.on("error", () => {}).resume();
  onTestFinished(() => void stream.destroy());
  return stream;
}

async function costOf(viewers: number): Promise<{ readonly reads: number; readonly lists: number }> {
  const clock: FakeClock = createFakeClock();
  const running = await start({ clock });
  await Promise.all(Array.from({ length: viewers }, () => watch(running)));
  const before = { reads, lists };
  for (let second = 0; second < 60; second++) await clock.advance(1000);
  return { reads: reads - before.reads, lists: lists - before.lists };
}

test("fifty who look cost the store what one does: less than two small reads a second", async () => {
  const one = await costOf(1);
  const fifty = await costOf(50);
  expect(fifty).toEqual(one);
  expect(fifty.reads).toBeLessThanOrEqual(120);
  expect(fifty.reads).toBeGreaterThan(5);
  expect(fifty.lists).toBeLessThanOrEqual(13);
});

test("a store that pushes is not read more often, however often it calls", async () => {
  let push = (): void => {};
  Object.assign(store, {
    watch: (_: string, changed: () => void) => {
      push = changed;
      return Promise.resolve(() => Promise.resolve());
    },
  });
  const clock = createFakeClock();
  const running = await start({ clock });
  await watch(running);
  await clock.advance(1000);
  const before = reads;
  for (let tenth = 0; tenth < 100; tenth++) {
    push();
    await clock.advance(100);
  }
  expect(reads - before).toBeLessThanOrEqual(21);
  const busy = reads;
  await clock.advance(30_000);
  expect(reads - busy).toBeLessThanOrEqual(7);
});

test("a store that takes a listener and never calls it is read every second", async () => {
  Object.assign(store, { watch: () => Promise.resolve(() => Promise.resolve()) });
  const clock = createFakeClock();
  const running = await start({ clock });
  await watch(running);
  await clock.advance(1000);
  const before = reads;
  await clock.advance(10_000);
  expect(reads - before).toBeGreaterThanOrEqual(9);
});

test("a change announced while the store is being read is read within half a second", async () => {
  let push = (): void => {};
  const { read } = store;
  let announced = false;
  Object.assign(store, {
    watch: (_: string, changed: () => void) => {
      push = changed;
      return Promise.resolve(() => Promise.resolve());
    },
    read: async (...parameters: Parameters<Store["read"]>) => {
      const record = await read(...parameters);
      if (!announced) push();
      announced = true;
      return record;
    },
  });
  const clock = createFakeClock();
  const running = await start({ clock });
  await watch(running);
  await clock.advance(100);
  expect(announced).toBe(true);
  const before = reads;
  await clock.advance(600);
  expect(reads - before).toBeGreaterThan(0);
  await clock.advance(4000);
  expect(reads - before).toBe(1);
});

test("a deploy's page that many reload reads all reports at most every five seconds", async () => {
  await playDeploy(store, { app: "shop", isOver: true });
  const clock = createFakeClock();
  const running = await start({ app: "shop", clock });
  const { body } = await ask(running, "/", bearer);
  const [, oldest = ""] = /.*href="(deploys\/\d+\/)"/s.exec(body) ?? [];
  const before = lists;
  for (let times = 0; times < 20; times++)
    expect((await ask(running, `/${oldest}`, bearer)).status).toBe(200);
  expect(lists - before).toBeLessThanOrEqual(1);
});

test("where nobody looks, nothing is read", async () => {
  const clock = createFakeClock();
  const running = await start({ clock });
  const stream = await watch(running);
  await clock.advance(3000);
  stream.destroy();
  await expect.poll(() => clock.pending).toBe(0);
  const before = reads;
  await clock.advance(60_000);
  expect(reads).toBe(before);
});

test("the two hundred and first who looks is refused, and nobody before", async () => {
  const running = await start();
  const streams = await Promise.all(Array.from({ length: 200 }, () => watch(running)));
  expect(new Set(streams.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect((await ask(running, "/events", bearer)).status).toBe(503);
});

test("1,000 instances and 200 releases take less than 60 kB, and a deploy's page no more", async () => {
  const { begunAt } = await playDeploy(store, { app: "shop", instances: 1000, replaced: 600, releases: 200 });
  await putReport("other", "v1.1");
  const running = await start({ app: "shop" });
  const { body } = await ask(running, "/", bearer);
  expect(body).toContain("600 of 1,000 instances run it");
  expect(Buffer.byteLength(body)).toBeLessThan(60_000);
  const replay = await ask(running, `/deploys/${String(begunAt)}/`, bearer);
  expect(replay.body).toContain("600 came with it");
  expect(Buffer.byteLength(replay.body)).toBeLessThan(60_000);
});
