import { pathToFileURL } from "node:url";
import { Redis } from "ioredis";
import { createClient, RESP_TYPES } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { built } from "../../../test/support/built.ts";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isRedisAvailable, startRedis, type RedisServer } from "../../../test/servers/redis.ts";
import { storeContract, type StoreContractSubject } from "../../testing/index.ts";
import type { RedisClient } from "./client.ts";
import { redisStore } from "./index.ts";

const server = { available: isRedisAvailable(), packageName: "redis-server" };

interface Opened {
  readonly client: RedisClient;
  end(): void;
}

describeWithServer("a Redis store", server, () => {
  let redis: RedisServer;
  let admin: Redis;
  let places = 0;
  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });

  /** An empty one of the server's 16 databases. */
  async function createPlace(): Promise<{ url: string; isUntouched(): Promise<boolean> }> {
    const database = places++ % 16;
    await admin.select(database);
    await admin.flushdb();
    const url = new URL(redis.url);
    url.pathname = `/${String(database)}`;
    return {
      url: url.href,
      async isUntouched() {
        await admin.select(database);
        return (await admin.dbsize()) === 0;
      },
    };
  }

  describe("the store contract, by URL", () => {
    const subject: StoreContractSubject = {
      async createPlace() {
        const { url, isUntouched } = await createPlace();
        return { open: () => redisStore({ url }), argument: { url }, isUntouched };
      },
      otherProcess: {
        module: pathToFileURL(built("stores/redis/index.js")),
        exportName: "redisStore",
      },
      push: true,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run);
  });

  const openIoredis = (options: object) => (url: string) => {
    const client = new Redis(url, options);
    return { client, end: () => client.disconnect() };
  };
  const openNodeRedis = (options: object) => async (url: string) => {
    const client = createClient({ url, ...options });
    await client.connect();
    return { client, end: () => client.destroy() };
  };
  const bytes = { commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } };
  const clients: readonly (readonly [string, (url: string) => Opened | Promise<Opened>])[] = [
    ["of ioredis", openIoredis({})],
    [
      "of ioredis, with a prefix and texts for numbers",
      openIoredis({ keyPrefix: "shop:", stringNumbers: true }),
    ],
    ["of ioredis, with the older protocol", openIoredis({ protocol: 2 })],
    ["of redis", openNodeRedis({})],
    ["of redis, with bytes for texts", openNodeRedis(bytes)],
    ["of redis, with the older protocol", openNodeRedis({ RESP: 2 })],
  ];

  describe.each(clients)("the store contract, with a client %s", (_, open) => {
    describe.each([true, false])("and subscribe: %s", (subscribe) => {
      const subject: StoreContractSubject = {
        async createPlace() {
          const { url } = await createPlace();
          const { client, end } = await open(url);
          return {
            open: () => redisStore({ client, subscribe }),
            async remove() {
              end();
            },
          };
        },
        push: subscribe,
        reports: true,
      };
      for (const { name, run } of storeContract(subject)) test(name, run);
    });
  });

  describe("with a client of the app", () => {
    test("leaves it open and as it was, and gives its own connection back", async () => {
      const countConnections = async (): Promise<number> =>
        String(await admin.client("LIST"))
          .trim()
          .split("\n").length;
      const before = await countConnections();
      const client = createClient({ url: redis.url });
      await client.connect();
      const store = redisStore({ client });
      await store.read("app");
      const stop = await store.watch?.("app", () => {});
      expect(await countConnections()).toBe(before + 2);
      await stop?.();
      await store.close();
      await expect.poll(countConnections).toBe(before + 1);
      expect(client.listenerCount("error")).toBe(0);
      expect(await client.ping()).toBe("PONG");
      client.destroy();
    });

    test("that can't be duplicated has no push", () => {
      const client = { eval: async () => null };
      expect(redisStore({ client }).watch).toBeUndefined();
    });
  });

  test("has a hash that people can read, without an expiry", async () => {
    const { url } = await createPlace();
    const store = redisStore({ url });
    await store.write("shop", '{"releases":[]}', 0, "v1.1");
    await store.close();
    const key = "intermission:shop";
    expect(await admin.hgetall(key)).toEqual({
      version: "1",
      value: '{"releases":[]}',
      currentRelease: "v1.1",
      updatedAt: expect.stringMatching(/^\d{10}$/) as string,
    });
    expect(await admin.ttl(key)).toBe(-1);
  });

  test("tells nobody of a write that was refused", async () => {
    const { url } = await createPlace();
    const [one, other] = [redisStore({ url }), redisStore({ url })];
    let pushes = 0;
    await one.watch?.("app", () => pushes++);
    await other.write("app", "value", 0);
    await other.write("app", "late", 0);
    await other.write("app", "late", 7);
    await other.write("app", "next", 1);
    await expect.poll(() => pushes).toBe(2);
    await Promise.all([one.close(), other.close()]);
  });

  test("a user who may not publish writes all the same, and one who may not write is told what to allow", async () => {
    const { url } = await createPlace();
    const commands = "+select +client +eval +hget +hset +time +publish +subscribe";
    await admin.call(
      "ACL",
      "SETUSER",
      "mute",
      "on",
      ">secret",
      "~intermission:*",
      "resetchannels",
      ...commands.split(" "),
    );
    await admin.call(
      "ACL",
      "SETUSER",
      "guest",
      "on",
      ">secret",
      "~shop:*",
      "resetchannels",
      ...commands.split(" "),
    );
    const [mute, guest] = ["mute", "guest"].map((user) => {
      const own = new URL(url);
      [own.username, own.password] = [user, "secret"];
      return redisStore({ url: own.href });
    });
    expect(await mute?.write("app", "value", 0)).toBe(true);
    await expect(mute?.watch?.("app", () => {})).rejects.toMatchObject({ code: "store-failed" });
    await expect(guest?.read("app")).rejects.toMatchObject({
      code: "store-failed",
      remedy: expect.stringContaining("intermission:*") as string,
    });
    await Promise.all([mute?.close(), guest?.close()]);
  });

  test("a key that something else uses is left alone", async () => {
    const { url } = await createPlace();
    await admin.set("intermission:text", "somebody else's");
    await admin.hset("intermission:hash", "version", "somebody else's");
    const store = redisStore({ url });
    for (const app of ["text", "hash"]) {
      await expect(store.read(app)).rejects.toMatchObject({
        code: "store-failed",
        remedy: expect.stringContaining("Something else uses the key") as string,
      });
    }
    await expect(store.write("text", "value", 0)).rejects.toMatchObject({ code: "store-failed" });
    expect(await store.write("hash", "value", 0)).toBe(false);
    await store.close();
  });
});

describe("the options of a Redis store", () => {
  test.each([
    [{}, "undefined"],
    [{ url: "postgres://user:secret@host/db" }, "postgres://…@host/db"],
    [{ url: "redis://user:sec%ret@host" }, "redis://…@host"],
    [{ client: 7 }, "7"],
    [{ client: { get() {} } }, "an object"],
    [{ client: { eval() {} }, url: "redis://host" }, "both"],
  ])("that can't be used are refused: %o", (options, got) => {
    let thrown: unknown;
    try {
      redisStore(options as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "bad-option", got: expect.stringContaining(got) as string });
  });
});
