import { Cluster, Redis } from "ioredis";
import { createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
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

describeWithServer("a Redis store in a cluster", server, () => {
  let redis: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    redis = await startRedis({ settings: ["cluster-enabled yes", "cluster-announce-ip 127.0.0.1"] });
    admin = new Redis(redis.url);
    await admin.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await vi.waitFor(async () => {
      expect(await admin.call("CLUSTER", "INFO")).toContain("cluster_state:ok");
    }, 10_000);
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });

  const clusters: readonly (readonly [string, () => Promise<Opened>])[] = [
    [
      "ioredis",
      async () => {
        const client = new Cluster([{ host: "127.0.0.1", port: redis.port }]);
        return { client, end: () => client.disconnect() };
      },
    ],
    [
      "redis",
      async () => {
        const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${String(redis.port)}` }] });
        await client.connect();
        return { client, end: () => client.destroy() };
      },
    ],
  ];
  describe.each(clusters)("the store contract, with a cluster client of %s", (_, open) => {
    const subject: StoreContractSubject = {
      async createPlace() {
        await admin.flushall();
        const { client, end } = await open();
        return {
          open: () => redisStore({ client }),
          async remove() {
            end();
          },
        };
      },
      push: true,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run);
  });
});
