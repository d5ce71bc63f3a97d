import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isRedisAvailable, startRedis, type RedisServer } from "../../../test/servers/redis.ts";
import { redisStore } from "./index.ts";

const server = { available: isRedisAvailable(), packageName: "redis-server" };
const minute = 60_000;
const key = "intermission-report:shop";

describeWithServer("reports in Redis", server, () => {
  let redis: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });

  test("that are past their time are deleted in passing, a few at once", async () => {
    const store = redisStore({ url: redis.url });
    await store.reports?.put("shop", "new", "new", minute);
    const old = Array.from({ length: 1000 }, (_, index) => [`old ${String(index)}`, "0 1 old"]);
    await admin.hset(key, ...old.flat());
    for (let puts = 0; puts < 20_000 && (await admin.hlen(key)) > 2; puts += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async () => store.reports?.put("shop", "new", "new", minute)),
      );
    }
    expect((await admin.hkeys(key)).toSorted()).toEqual(["", "new"]);
    expect((await store.reports?.list("shop"))?.reports).toMatchObject([{ id: "new", value: "new" }]);
    await store.close();
  });

  test("leave nothing behind when the last of them is past its time", async () => {
    const store = redisStore({ url: redis.url });
    await store.reports?.put("brief", "long", "long", minute);
    await store.reports?.put("brief", "short", "short", 1000);
    const left = await admin.pttl("intermission-report:brief");
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(minute);
    await store.close();
  });

  test("by a user who may only read are denied, and what the user may do goes on", async () => {
    const store = redisStore({ url: redis.url });
    await store.write("app", "value", 0);
    await admin.call(
      "acl",
      ..."setuser reader on >pass ~intermission:* &intermission +@connection +eval +hget +time +subscribe +select".split(
        " ",
      ),
    );
    const url = new URL(redis.url);
    url.username = "reader";
    url.password = "pass";
    const reader = redisStore({ url: url.href });
    await expect(reader.reports?.put("app", "id", "value", minute)).rejects.toMatchObject({
      code: "store-denied",
    });
    expect((await reader.read("app")).value).toBe("value");
    const rights = "+eval +time +hset +hget +hdel +hscan +hgetall +pttl +pexpire ~intermission-report:*";
    await admin.call("acl", ...`setuser reader ${rights}`.split(" "));
    for (let puts = 0; puts < 300; puts++) await reader.reports?.put("app", "id", "value", minute);
    expect((await reader.reports?.list("app"))?.reports).toHaveLength(1);
    await Promise.all([reader.close(), store.close()]);
  });
});
