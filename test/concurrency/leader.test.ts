import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { openStore } from "../../src/stores/open.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { etcdServer, startEtcdCluster, type Cluster } from "../servers/etcd.ts";
import { natsServer, startNatsCluster } from "../servers/nats.ts";

/** Milliseconds. An election takes etcd one or two seconds, NATS four to nine. */
const electedWithin = 20_000;

/** What an error waits for the store at most (250 ms), with slack for a busy machine. */
const errorBound = 500;

const silent = { warn() {}, error() {} };

const clusters = [
  ["etcd", etcdServer, startEtcdCluster],
  ["NATS", natsServer, () => startNatsCluster("intermission")],
] as const;

describe.each(clusters)("%s with three servers,", (name, server, start) => {
  describeWithServer("one of which leads,", server, () => {
    let cluster: Cluster;
    beforeEach(async () => {
      cluster = await start();
    });
    afterEach(() => cluster.stop());

    const title = "loses it: errors wait no longer, and once a release is recorded every instance knows it";
    // It compares milliseconds: one delay of a busy machine must not fail a run.
    test(title, { timeout: 60_000, retry: 2 }, async () => {
      // They first elect one that leads.
      const migrating = openStore(cluster.url);
      const migrate = (): Promise<boolean> => done(migrating.migrate?.());
      await expect.poll(migrate, { timeout: electedWithin }).toBe(true);
      await migrating.close();

      const warnings: string[] = [];
      const open = (release: string): ReturnType<typeof createIntermission> =>
        createIntermission(
          { store: cluster.url, release, logger: silent, onWarning: ({ code }) => warnings.push(code) },
          { environment: {} },
        );
      const deploy = open("v1.1");
      const instances = ["v1.0", "v1.0", "v1.0"].map(open);
      try {
        await deploy.createRelease("v1.0");
        await Promise.all(instances.map((instance) => instance.ready()));
        const verdicts = (): Promise<readonly string[]> =>
          Promise.all(instances.map(async (instance) => (await instance.decide()).verdict));
        expect(await verdicts()).toEqual(["regular", "regular", "regular"]);

        await cluster.haltLeader();
        const until = { recorded: false };
        let slowest = 0;
        const visitors = (async () => {
          while (!until.recorded) {
            const asked = performance.now();
            await verdicts();
            slowest = Math.max(slowest, performance.now() - asked);
            await pause(5);
          }
        })();
        const lostAt = performance.now();
        const record = (): Promise<boolean> => done(deploy.createRelease("v1.1", { wait: false }));
        await expect.poll(record, { timeout: electedWithin }).toBe(true);
        const recordedAt = performance.now();
        until.recorded = true;
        await visitors;

        await expect.poll(verdicts, { timeout: 5000 }).toEqual(["maintenance", "maintenance", "maintenance"]);
        const figures = {
          recordedAfter: recordedAt - lostAt,
          knownAfter: performance.now() - recordedAt,
          slowest,
        };
        console.log(name, figures);
        expect(figures.knownAfter).toBeLessThan(1000);
        expect(slowest).toBeLessThan(errorBound);

        // The one that was lost comes back, and knows what was recorded without it.
        await cluster.restart();
        const store = openStore(cluster.url);
        await expect
          .poll(async () => (await store.read("default").catch(() => undefined))?.value, { timeout: 5000 })
          .toContain("v1.1");
        await store.close();
        const expected = ["store-unreachable", "push-unavailable"];
        expect(warnings.filter((code) => !expected.includes(code))).toEqual([]);
      } finally {
        await Promise.all([deploy, ...instances].map((each) => each.close()));
      }
    });
  });
});

async function done(work: Promise<unknown> | undefined): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}
