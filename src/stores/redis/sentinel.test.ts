import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { findFreePort } from "../../../test/servers/free-port.ts";
import {
  isRedisAvailable,
  startRedis,
  startSentinel,
  type RedisServer,
} from "../../../test/servers/redis.ts";
import { openStore } from "../open.ts";

describeWithServer(
  "a Redis store behind Sentinel",
  { available: isRedisAvailable(), packageName: "redis-server" },
  () => {
    let primary: RedisServer;
    let replica: RedisServer;
    let sentinel: Awaited<ReturnType<typeof startSentinel>>;
    let url: string;

    beforeAll(async () => {
      primary = await startRedis({ password: "p@ss", settings: ['masterauth "p@ss"'] });
      replica = await startRedis({
        password: "p@ss",
        settings: [`replicaof 127.0.0.1 ${String(primary.port)}`, 'masterauth "p@ss"'],
      });
      sentinel = await startSentinel("mymaster", primary.port, [
        "sentinel auth-pass mymaster p@ss",
        "requirepass watch",
      ]);
      const admin = new Redis({ port: sentinel.port, password: "watch" });
      await vi.waitFor(async () => {
        expect(await admin.call("SENTINEL", "REPLICAS", "mymaster")).toHaveLength(1);
      }, 15_000);
      admin.disconnect();
      const down = await findFreePort();
      // A Sentinel that is down is passed over.
      url = `redis+sentinel://:p%40ss@127.0.0.1:${String(down)},127.0.0.1:${String(sentinel.port)}/mymaster/0?sentinelPassword=watch`;
    });
    afterAll(async () => {
      await sentinel.stop();
      await replica.stop();
      await primary.stop();
    });

    test("writes to the primary, hears of changes, and finds the new primary after a failover", async () => {
      const store = openStore(url);
      let heard = 0;
      await store.watch?.("app", () => heard++);
      expect(await store.write("app", "one", 0)).toBe(true);
      await vi.waitFor(() => expect(heard).toBeGreaterThan(0), 5000);
      expect(await store.read("app")).toMatchObject({ version: 1, value: "one" });
      const check = new Redis(replica.url);
      await vi.waitFor(async () => expect(await check.hget("intermission:app", "value")).toBe("one"), 10_000);

      await primary.halt();
      await vi.waitFor(async () => expect(await check.role()).toContain("master"), {
        timeout: 20_000,
        interval: 100,
      });
      check.disconnect();
      await vi.waitFor(async () => expect(await store.read("app")).toMatchObject({ value: "one" }), {
        timeout: 10_000,
        interval: 100,
      });
      const before = heard;
      await vi.waitFor(
        async () => {
          const { version } = await store.read("app");
          expect(await store.write("app", "two", version)).toBe(true);
          await vi.waitFor(() => expect(heard).toBeGreaterThan(before), 500);
        },
        { timeout: 15_000, interval: 200 },
      );
      await store.close();
    }, 60_000);

    test.each([
      ["redis+sentinel://127.0.0.1:26379", "mymaster"],
      ["redis+sentinel://127.0.0.1:26379/mymaster/x", "mymaster"],
      ["redis+sentinel://127.0.0.1/mymaster?db=3", "sentinelPassword"],
      ["redis+cluster://127.0.0.1,[::1]:7000/2", "database"],
      ["redis+cluster://127.0.0.1?keyPrefix=x", "keyPrefix"],
      ["redis+cluster://user:100%@127.0.0.1:7000", "Percent-encode"],
    ])("%s is refused at once, with what to write", (bad, said) => {
      expect(() => openStore(bad)).toThrow(said);
    });
  },
);
