import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { systemClock } from "../../src/core/runtime.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { createOutbox } from "../../src/notify/outbox.ts";
import { createReceivers } from "../../src/notify/receiver.ts";
import { startConsole } from "../../src/server/console/index.ts";
import { openStore } from "../../src/stores/open.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb } from "../servers/mariadb.ts";
import { isPostgresAvailable, startPostgres } from "../servers/postgres.ts";
import { isRedisAvailable, startRedis } from "../servers/redis.ts";
import { startReceiver } from "../support/webhook.ts";

const token = "a-token-that-nobody-guesses";

interface Place {
  readonly url: string;
  stop(): unknown;
}

/** @param shownWithin Milliseconds from the end of the write to the event on the stream. */
function define(start: () => Promise<Place>, shownWithin: number): void {
  let place: Place;
  beforeAll(async () => {
    place = await start();
  });
  afterAll(() => place.stop());

  function open(): Store {
    const store = openStore(place.url);
    onTestFinished(() => store.close());
    return store;
  }

  test("tells each event once, however many instances look at the same time", async () => {
    const receiver = await startReceiver();
    const receivers = await createReceivers([{ kind: "slack", url: receiver.url }], []);
    const outboxes = Array.from({ length: 6 }, () =>
      createOutbox({ store: open(), app: "told", clock: systemClock, receivers, isAwaited: true }),
    );
    const intermission = createIntermission(
      { store: open(), app: "told", logger: { warn() {}, error() {} } },
      { environment: {}, watching: false, by: "ann@ci" },
    );
    for (const release of ["v1", "v2", "v3"]) {
      await intermission.createRelease(release, { wait: false });
      await Promise.all(outboxes.map((outbox) => outbox.flush()));
    }
    await intermission.close();
    const told = receiver.received.map(({ body }) => (JSON.parse(body) as { text: string }).text);
    expect(told).toEqual(
      ["v1", "v2", "v3"].map((id) => `told: ${id} is the current release now, by ann@ci.`),
    );
  });

  test("shows a change in time to whoever looks at the console", async () => {
    const intermission = createIntermission(
      { store: open(), app: "shown", logger: { warn() {}, error() {} } },
      { environment: {}, watching: false, by: "ann@ci" },
    );
    await intermission.createRelease("v1", { wait: false });
    const running = await startConsole({
      ...{ store: open(), app: "shown", listen: { host: "127.0.0.1", port: 0 }, token },
      ...{ readOnly: true, hosts: [], environment: {} },
    });
    onTestFinished(async () => {
      await running.close();
      await intermission.close();
    });
    const sent = request(new URL("/events", running.url), { headers: { authorization: `Bearer ${token}` } });
    sent.on("error", () => {}).end();
    const [stream] = (await once(sent, "response")) as [IncomingMessage];
    onTestFinished(() => void stream.on("error", () => {}).destroy());
    let seen = "";
    stream.setEncoding("utf8").on("data", (piece: string) => (seen += piece));
    await expect.poll(() => seen).toContain("v1");

    const waits: number[] = [];
    for (const release of ["v2", "v3", "v4"]) {
      await intermission.createRelease(release, { wait: false });
      const begun = performance.now();
      await expect.poll(() => seen, { timeout: 8000, interval: 10 }).toContain(`>${release}<`);
      waits.push(performance.now() - begun);
    }
    // A busy machine may delay one.
    expect(waits.toSorted((a, b) => a - b)[1]).toBeLessThan(shownWithin);
  });
}

const pushed = 1000;
const polled = 2000;

describeWithServer("PostgreSQL", { available: isPostgresAvailable(), packageName: "postgresql" }, () => {
  define(startPostgres, pushed);
});
describeWithServer("Redis", { available: isRedisAvailable(), packageName: "redis-server" }, () => {
  define(startRedis, pushed);
});
describeWithServer("MariaDB", { available: isMariadbAvailable(), packageName: "mariadb-server" }, () => {
  define(startMariadb, polled);
});
describe("SQLite", () => {
  define(() => {
    const folder = mkdtempSync(join(tmpdir(), "intermission-"));
    const url = `sqlite:${join(folder, "state.db")}`;
    return Promise.resolve({
      url,
      stop: () => {
        rmSync(folder, { recursive: true, force: true });
      },
    });
  }, polled);
});
