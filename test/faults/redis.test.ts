import { Redis } from "ioredis";
import { isRedisAvailable, startRedis, type RedisServer } from "../servers/redis.ts";
import { tryFaults } from "./matrix.ts";
import { networkStrikes, signalStrikes, startNetworked, type Networked } from "./network-strikes.ts";
import { corruptedRecord, newerRecord } from "./record-strikes.ts";
import type { Strike } from "./subject.ts";
import { waitUntil } from "./wait-until.ts";

type RedisPlace = Networked<RedisServer>;

const password = "hush-hush";
/** A second user, besides the one that the tests control the server with. */
const user = `user shop on >${password} ~* &* +@all`;

async function startServer(): Promise<RedisServer> {
  return startRedis({ password: "keys to the cellar", settings: [user, "lua-time-limit 500"] });
}

function open({ main }: RedisPlace): Redis {
  // A server busy with a script does not answer the ready check.
  const client = new Redis(main.url, {
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
  });
  client.on("error", () => {});
  return client;
}

/** One command to strike and one to end it, on a connection that stays open in between. */
function commands(
  strike: readonly (readonly string[])[],
  end: readonly (readonly string[])[] = [],
): Strike<RedisPlace>["begin"] {
  return async (server) => {
    const client = open(server);
    const give = async (all: readonly (readonly string[])[]): Promise<void> => {
      for (const [name = "", ...parameters] of all) await client.call(name, ...parameters);
    };
    await give(strike);
    return async () => {
      await give(end);
      client.disconnect();
    };
  };
}

const endSessions = ["client", "kill", "user", "shop"];
tryFaults<RedisPlace>({
  name: "Redis",
  first: 3,
  available: isRedisAvailable(),
  packageName: "redis-server",
  password,
  start: () => startNetworked(startServer),
  versionOf: async (server) => {
    const client = open(server);
    const version = /^redis_version:(\S+)/m.exec(await client.info("server"))?.[1] ?? "";
    client.disconnect();
    return version;
  },
  urlOf: ({ main, proxy }, _, network) =>
    `redis://shop:${password}@127.0.0.1:${String(network ? proxy.port : main.port)}/0`,
  strikes: {
    ...networkStrikes,
    ...signalStrikes(/(?:did not answer|no answer|timeout|closed).*Check that .*running/i),
    refused: {
      how: "the user's password is changed, and its connections are ended",
      says: /WRONGPASS.*Check the user and the password/,
      begin: commands(
        [["acl", "setuser", "shop", "resetpass", ">another"], endSessions],
        [["acl", "setuser", "shop", "resetpass", `>${password}`]],
      ),
    },
    crowded: {
      how: "`maxclients 1`, which another client is, and the user's connections are ended",
      says: /max number of clients.*maxclients|EPIPE.*maxclients|closed.*maxclients|ECONNRESET.*maxclients/,
      begin: commands(
        [["config", "set", "maxclients", "1"], endSessions],
        [["config", "set", "maxclients", "10000"]],
      ),
    },
    rowLocked: "Redis locks no keys: it runs one command at a time. See *has its table locked*.",
    tableLocked: {
      how: "another client's script does not end, and Redis does nothing else (`BUSY`)",
      says: /BUSY.*SCRIPT KILL|did not answer.*Check|no answer.*Check/,
      begin: async (server) => {
        const client = open(server);
        await client.ping();
        client.eval("while true do end", 0).catch(() => {
          // Killed below.
        });
        return async () => {
          const killer = open(server);
          await killer.call("script", "kill");
          await waitUntil(async () => killer.ping().then(Boolean, () => false));
          killer.disconnect();
          client.disconnect();
        };
      },
    },
    readOnly: {
      how: "`replicaof` a server that is not there",
      says: /READONLY.*replica/,
      begin: commands([["replicaof", "127.0.0.1", "1"]], [["replicaof", "no", "one"]]),
    },
    full: {
      how: "`maxmemory 1`, and nothing may be evicted",
      says: /OOM.*memory.*\. .*(?:maxmemory|memory)/,
      begin: commands([["config", "set", "maxmemory", "1"]], [["config", "set", "maxmemory", "0"]]),
    },
    tableMissing: {
      how: "the key is deleted",
      begin: (server, place) => commands([["del", `intermission:${place.app}`]])(server, place),
    },
    newer: newerRecord,
    corrupted: corruptedRecord,
  },
});
