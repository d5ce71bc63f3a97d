import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServer } from "../../test/servers/describe-with-server.ts";
import { etcdServer, startEtcd } from "../../test/servers/etcd.ts";
import { isMariadbAvailable, startMariadb } from "../../test/servers/mariadb.ts";
import { natsServer, startNats } from "../../test/servers/nats.ts";
import { isPostgresAvailable, startPostgres } from "../../test/servers/postgres.ts";
import { isRedisAvailable, startRedis } from "../../test/servers/redis.ts";
import { openStore } from "./open.ts";

interface Place {
  readonly url: string;
  stop(): Promise<void>;
}

async function expectTold({ url, stop }: Place): Promise<void> {
  const store = openStore(url);
  await store.write("app", '{"mark":"it\'s one","rest":1}', 0);
  const unchanged = { version: 1, unchanged: true };
  expect(await store.read("app", 1)).toMatchObject(unchanged);
  expect(await store.read("app", 1, '{"mark":"it\'s one"')).toMatchObject(unchanged);
  // The version of a lost write, with another value.
  expect(await store.read("app", 1, '{"mark":"another"')).toMatchObject({
    version: 1,
    value: '{"mark":"it\'s one","rest":1}',
  });
  await store.close();
  await stop();
}

const title = "tells a value from a lost one of the same version";

test(`SQLite ${title}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "intermission-start-"));
  await expectTold({ url: `sqlite:${folder}/state.db`, stop: () => rm(folder, { recursive: true }) });
});

test(`memory ${title}`, () => expectTold({ url: "memory:", stop: async () => {} }));

const servers: readonly (readonly [string, boolean, string, () => Promise<Place>])[] = [
  ["PostgreSQL", isPostgresAvailable(), "postgresql", startPostgres],
  ["MySQL", isMariadbAvailable(), "mariadb-server", startMariadb],
  ["Redis", isRedisAvailable(), "redis-server", startRedis],
  ["etcd", etcdServer.available, etcdServer.packageName, startEtcd],
  ["NATS", natsServer.available, natsServer.packageName, startNats],
];
for (const [name, available, packageName, start] of servers) {
  describeWithServer(name, { available, packageName }, () => {
    test(title, async () => {
      await expectTold(await start());
    });
  });
}
