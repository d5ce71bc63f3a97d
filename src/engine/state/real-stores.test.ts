import { setTimeout as pause } from "node:timers/promises";
import { describe, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { etcdServer, startEtcd } from "../../../test/servers/etcd.ts";
import { startFaultProxy } from "../../../test/servers/fault-proxy.ts";
import { natsServer, startNats } from "../../../test/servers/nats.ts";
import { isPostgresAvailable, startPostgres } from "../../../test/servers/postgres.ts";
import { isRedisAvailable, startRedis } from "../../../test/servers/redis.ts";
import { record } from "../../../test/support/scripted-store.ts";
import { systemClock } from "../../core/runtime.ts";
import { currentRelease } from "../../core/state/state.ts";
import { openStore } from "../../stores/open.ts";
import { createWatcher } from "./watcher.ts";

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

const servers: readonly (readonly [
  name: string,
  server: { readonly available: boolean; readonly packageName: string },
  start: () => Promise<Server>,
])[] = [
  ["PostgreSQL", { available: isPostgresAvailable(), packageName: "postgresql" }, startPostgres],
  ["Redis", { available: isRedisAvailable(), packageName: "redis-server" }, startRedis],
  ["NATS", natsServer, startNats],
  ["etcd", etcdServer, startEtcd],
];

const freshFor = 1000;

// They mostly wait.
describe.concurrent("an instance, and a store that pushes", () => {
  for (const [name, server, start] of servers) {
    describeWithServer(name, server, () => {
      test("errors wait no more once one has waited; a network that is cut without a word is noticed", async ({
        expect,
      }) => {
        const running = await start();
        const address = new URL(running.url);
        const proxy = await startFaultProxy(Number(address.port));
        const direct = openStore(running.url);
        let version = 0;
        const write = async (): Promise<boolean> => {
          const { value = "" } = record(version + 1, `v${String(version + 1)}`);
          return direct.write("default", value, version++);
        };
        expect(await write()).toBe(true);

        address.port = String(proxy.port);
        const store = openStore(address.href);
        const { watch } = store;
        let heard = 0;
        store.watch = async (app, changed) =>
          (await watch?.(app, () => {
            heard++;
            changed();
          })) ?? (async () => {});
        const watcher = createWatcher({
          ...{ store, app: "default", clock: systemClock, freshFor, refreshEvery: 10_000, readTimeout: 250 },
          ...{ onReadFailure: () => undefined, onPushFailure: () => undefined },
        });
        try {
          await watcher.start();
          const age = (): number => systemClock.now() - (watcher.snapshot?.sentAt ?? 0);
          await expect.poll(age, { timeout: 5000 }).toBeGreaterThanOrEqual(freshFor);
          const first = watcher.freshen();
          expect(first).toBeDefined();
          await first;

          let [errors, waits] = [0, 0];
          for (const until = performance.now() + 3000; performance.now() < until;) {
            errors++;
            if (watcher.freshen() !== undefined) waits++;
            await pause(10);
          }
          // The machine may be busy and late.
          expect(waits / errors).toBeLessThan(0.1);

          proxy.set("silence");
          const cutAt = performance.now();
          for (let time = 0; !watcher.failing; time = performance.now() - cutAt) {
            if (time > freshFor + 100)
              expect(watcher.freshen() === undefined, `${time.toFixed()} ms after the cut`).toBe(false);
            await pause(20);
          }

          // Reachable again, but existing connections stay silent, including the push.
          proxy.set("none");
          await write();
          const current = (): string | undefined =>
            watcher.snapshot && currentRelease(watcher.snapshot.state)?.id;
          await expect.poll(current, { timeout: 15_000 }).toBe("v2");
          const before = heard;
          const told = async (): Promise<number> => {
            await write();
            return heard - before;
          };
          await expect.poll(told, { timeout: 30_000, interval: 1500 }).toBeGreaterThan(0);
        } finally {
          await watcher.close();
          await store.close();
          await direct.close();
          await proxy.stop();
          await running.stop();
        }
      }, 90_000);
    });
  }
});
