import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isRedisAvailable, startRedis, type RedisServer } from "../../../test/servers/redis.ts";
import { startFaultProxy } from "../../../test/servers/fault-proxy.ts";
import { startSilentServer } from "../../../test/servers/silent-server.ts";
import type { Store } from "../../core/ports.ts";
import { redisStore } from "./index.ts";

const server = { available: isRedisAvailable(), packageName: "redis-server" };

/** Milliseconds for a read and a write, with some slack for a busy machine. */
const readBound = 1500;
const writeBound = 5000;

async function failsWithin(milliseconds: number, operation: Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await expect(operation).rejects.toMatchObject({ name: "IntermissionError", code: "store-failed" });
  expect(performance.now() - startedAt).toBeLessThan(milliseconds);
}

interface Opened {
  readonly store: Store;
  end(): Promise<void>;
}

/** By URL, and with the app's own client. */
const stores: readonly (readonly [string, (url: string) => Opened])[] = [
  [
    "by URL",
    (url) => {
      const store = redisStore({ url });
      return { store, end: () => store.close() };
    },
  ],
  [
    "with a client of ioredis",
    (url) => {
      const client = new Redis(url);
      client.on("error", () => {});
      const store = redisStore({ client });
      return {
        store,
        async end() {
          await store.close();
          client.disconnect();
        },
      };
    },
  ],
  [
    "with a client of redis",
    (url) => {
      const client = createClient({ url });
      client.on("error", () => {});
      client.connect().catch(() => {});
      const store = redisStore({ client });
      return {
        store,
        async end() {
          await store.close();
          client.destroy();
        },
      };
    },
  ],
];

describeWithServer("a Redis store, with a server that fails", server, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis({ password: "correct horse / battery@staple" });
  });
  afterAll(() => redis.stop());

  describe.each(stores)("%s", (label, open) => {
    const app = label;

    test("rejects in time while it is stopped, and works when it is back", async () => {
      const { store, end } = open(redis.url);
      expect(await store.write(app, "value", (await store.read(app)).version)).toBe(true);
      await redis.halt();
      await Promise.all([
        failsWithin(readBound, store.read(app)),
        failsWithin(writeBound, store.write(app, "lost", 7)),
      ]);
      await redis.restart();
      await expect
        .poll(() => store.read(app).catch(() => undefined), { timeout: 10_000 })
        .toMatchObject({ value: "value" });
      await end();
    });

    test("rejects in time while it is frozen, piles nothing up, and works when it goes on", async () => {
      const { store, end } = open(redis.url);
      const { version } = await store.read(app);
      redis.kill("SIGSTOP");
      try {
        for (const round of [1, 2]) {
          const reads = Array.from({ length: 4 * round }, () => failsWithin(readBound, store.read(app)));
          await Promise.all(reads);
        }
      } finally {
        redis.kill("SIGCONT");
      }
      await expect
        .poll(() => store.read(app).catch(() => undefined), { timeout: 10_000 })
        .toMatchObject({ version });
      expect(await store.write(app, "value", version)).toBe(true);
      await end();
    });

    test("outlives the end of all its connections, and hears of changes again", async () => {
      const { store, end } = open(redis.url);
      const { version } = await store.read(app);
      let pushes = 0;
      await store.watch?.(app, () => pushes++);
      const admin = new Redis(redis.url);
      await admin.call("CLIENT", "KILL", "SKIPME", "yes");
      // Called once without a change: one may have been missed.
      await expect.poll(() => pushes, { timeout: 10_000 }).toBe(1);
      await store.read(app).catch(() => {});
      expect(await store.write(app, "value", version)).toBe(true);
      await expect.poll(() => pushes).toBe(2);
      admin.disconnect();
      await end();
    });
  });

  test("a subscription whose other end is gone without a word is made anew", async () => {
    const proxy = await startFaultProxy(redis.port);
    const url = new URL(redis.url);
    url.port = String(proxy.port);
    const direct = redisStore({ url: redis.url });
    let version = 0;
    const write = async (): Promise<boolean> => direct.write("silent", "value", version++);
    const opened = stores.map(([label, open]) => ({ label, ...open(url.href), heard: 0 }));
    const heard = (): readonly string[] => opened.flatMap((one) => (one.heard > 0 ? [one.label] : []));
    const all = stores.map(([label]) => label);
    for (const one of opened) await one.store.watch?.("silent", () => one.heard++);
    await write();
    await expect.poll(heard).toEqual(all);

    proxy.set("silence");
    proxy.set("none");
    for (const one of opened) one.heard = 0;
    await write();
    expect(heard()).toEqual([]);
    await expect.poll(heard, { timeout: 20_000 }).toEqual(all);
    for (const one of opened) one.heard = 0;
    await write();
    await expect.poll(heard).toEqual(all);

    await Promise.all(opened.map(({ end }) => end()));
    await direct.close();
    await proxy.stop();
  });

  test.each(stores)("a wrong password is said without the password, %s", async (_, open) => {
    const url = new URL(redis.url);
    url.password = "hush-hush";
    const { store, end } = open(url.href);
    for (const operate of [
      () => store.read("app"),
      () => store.write("app", "value", 0),
      () => store.watch?.("app", () => {}),
    ]) {
      const error: unknown = await operate()?.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "store-failed" });
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hush-hush");
    }
    await end();
  });

  test("a wrong password is said, by URL", async () => {
    const url = new URL(redis.url);
    url.password = "hush-hush";
    const store = redisStore({ url: url.href });
    for (const operate of [() => store.read("app"), () => store.watch?.("app", () => {})]) {
      await expect(operate()).rejects.toMatchObject({
        got: expect.stringContaining("WRONGPASS") as string,
        remedy: expect.stringContaining("password") as string,
      });
    }
    await store.close();
  });
});

describeWithServer("a process that forgets to close its Redis store", server, () => {
  test.each([
    ["ioredis", "const client = new Redis(url)", "import { Redis } from 'ioredis'"],
    ["redis", "const client = await createClient({ url }).connect()", "import { createClient } from 'redis'"],
  ])("ends when it has given up its own client of %s", async (_, create, load) => {
    const redis = await startRedis();
    const program = `${load};
      import { redisStore } from "intermission/stores/redis";
      const url = ${JSON.stringify(redis.url)};
      ${create};
      const store = redisStore({ client });
      await store.watch("app", () => {});
      await store.write("app", "value", 0);
      await client.quit();`;
    const root = fileURLToPath(new URL("../../../", import.meta.url));
    try {
      const { stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
        cwd: root,
        timeout: 15_000,
      });
      expect(stderr).toBe("");
    } finally {
      await redis.stop();
    }
  });
});

describe("a Redis store, with no Redis there", () => {
  test("fails in time with a server that never answers, and can be closed", async () => {
    const silent = await startSilentServer();
    const fail = async ({ store, end }: Opened): Promise<void> => {
      await Promise.all([
        failsWithin(readBound, store.read("app")),
        failsWithin(writeBound, store.write("app", "value", 0)),
        failsWithin(writeBound, store.watch?.("app", () => {}) ?? Promise.resolve()),
      ]);
      const startedAt = performance.now();
      await end();
      expect(performance.now() - startedAt).toBeLessThan(readBound);
    };
    await Promise.all(stores.map(([, open]) => fail(open(`redis://127.0.0.1:${String(silent.port)}`))));
    await silent.stop();
  });

  test("fails at once where nothing listens", async () => {
    const silent = await startSilentServer();
    await silent.stop();
    const store = redisStore({ url: `redis://:hush-hush@127.0.0.1:${String(silent.port)}` });
    for (const operate of [() => store.read("app"), () => store.watch?.("app", () => {})]) {
      await failsWithin(readBound, Promise.resolve(operate()));
      const error: unknown = await operate()?.catch((reason: unknown) => reason);
      expect((error as Error).message).toContain("ECONNREFUSED");
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hush-hush");
    }
    await store.close();
  });
});
