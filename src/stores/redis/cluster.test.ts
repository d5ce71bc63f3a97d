import { pathToFileURL } from "node:url";
import { Cluster, Redis } from "ioredis";
import { createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { findFreePort } from "../../../test/servers/free-port.ts";
import { built } from "../../../test/support/built.ts";
import { isRedisAvailable, startRedis, type RedisServer } from "../../../test/servers/redis.ts";
import { storeContract, type StoreContractSubject } from "../../testing/index.ts";
import { openStore } from "../open.ts";
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

describeWithServer("a Redis store that a cluster's URL names", server, () => {
  const members: RedisServer[] = [];
  const admins: Redis[] = [];
  let url: string;

  beforeAll(async () => {
    const shares = [
      [0, 5460],
      [5461, 10_922],
      [10_923, 16_383],
    ].map((share) => share.map(String));
    for (const share of shares) {
      const member = await startRedis({ settings: ["cluster-enabled yes", "cluster-announce-ip 127.0.0.1"] });
      members.push(member);
      const admin = new Redis(member.url);
      admins.push(admin);
      await admin.call("CLUSTER", "ADDSLOTSRANGE", ...share);
      await admin.call("CLUSTER", "MEET", "127.0.0.1", String(members[0]?.port));
    }
    for (const admin of admins) {
      await vi.waitFor(async () => {
        expect(await admin.call("CLUSTER", "INFO")).toContain("cluster_state:ok");
      }, 15_000);
    }
    url = `redis+cluster://${members.map(({ port }) => `127.0.0.1:${String(port)}`).join(",")}`;
  });
  afterAll(async () => {
    for (const admin of admins) admin.disconnect();
    for (const member of members) await member.stop();
  });

  describe("the store contract", () => {
    const subject: StoreContractSubject = {
      async createPlace() {
        for (const admin of admins) await admin.flushall();
        return { open: () => openStore(url), argument: { url } };
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

  test("finds each app's server, also while its slot is moved to another", async () => {
    const store = openStore(url);
    const app = "moving";
    expect(await store.write(app, "one", 0)).toBe(true);
    const slot = String(await admins[0]?.call("CLUSTER", "KEYSLOT", `intermission:${app}`));
    const ids = await Promise.all(admins.map(async (admin) => String(await admin.call("CLUSTER", "MYID"))));
    const owner = (
      await Promise.all(admins.map((admin) => admin.call("CLUSTER", "COUNTKEYSINSLOT", slot)))
    ).findIndex((count) => count === 1);
    const other = (owner + 1) % admins.length;
    await admins[other]?.call("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[owner] ?? "");
    await admins[owner]?.call("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[other] ?? "");
    await admins[owner]?.call(
      ...["MIGRATE", "127.0.0.1", String(members[other]?.port), `intermission:${app}`, "0", "5000"],
    );
    // Its key has gone, and its slot has not yet: the server answers ASK.
    expect(await store.read(app)).toMatchObject({ version: 1, value: "one" });
    expect(await store.write(app, "two", 1)).toBe(true);
    for (const at of [other, owner])
      await admins[at]?.call("CLUSTER", "SETSLOT", slot, "NODE", ids[other] ?? "");
    expect(await store.read(app)).toMatchObject({ version: 2, value: "two" });
    await store.close();
  });

  test("works while one of the servers that the URL names is down", async () => {
    const down = await findFreePort();
    const store = openStore(url.replace("//", `//127.0.0.1:${String(down)},`));
    for (const app of ["a", "b", "c", "d"]) expect((await store.read(app)).version).toBe(0);
    await store.close();
  });
});
