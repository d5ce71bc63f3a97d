import { connect } from "@nats-io/transport-node";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { natsServer, startNats, type NatsServer } from "../../../test/servers/nats.ts";
import { startSilentServer } from "../../../test/servers/silent-server.ts";
import type { Store } from "../../core/ports.ts";
import { natsStore } from "./index.ts";

/** Milliseconds for a read and a write, with some slack for a busy machine. */
const readBound = 1500;
const writeBound = 5000;

async function failsWithin(milliseconds: number, operation: Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await expect(operation).rejects.toMatchObject({ name: "IntermissionError", code: "store-failed" });
  expect(performance.now() - startedAt).toBeLessThan(milliseconds);
}

/** By URL, and with the app's own connection. */
const stores: readonly (readonly [
  string,
  (url: string) => Promise<{ readonly store: Store; end(): Promise<void> }>,
])[] = [
  [
    "by URL",
    async (url) => {
      const store = natsStore({ url });
      return { store, end: () => store.close() };
    },
  ],
  [
    "with a connection of the app",
    async (url) => {
      const client = await connect({ servers: url, reconnectTimeWait: 200, maxReconnectAttempts: -1 });
      const store = natsStore({ client });
      return {
        store,
        async end() {
          await store.close();
          await client.close();
        },
      };
    },
  ],
];

describeWithServer("a NATS store, with a server that fails", natsServer, () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats.stop());

  describe.each(stores)("%s", (label, open) => {
    const app = label;

    test("rejects in time while it is stopped, works when it is back, and hears of changes again", async () => {
      const { store, end } = await open(nats.url);
      expect(await store.write(app, "value", 0)).toBe(true);
      let pushes = 0;
      await store.watch?.(app, () => pushes++);
      await nats.halt();
      await Promise.all([
        failsWithin(readBound, store.read(app)),
        failsWithin(writeBound, store.write(app, "lost", 1)),
      ]);
      await nats.restart();
      const read = (): Promise<unknown> => store.read(app).catch(() => undefined);
      await expect.poll(read, { timeout: 10_000 }).toEqual({ version: 1, value: "value" });
      // Called once without a change: one may have been missed.
      await expect.poll(() => pushes, { timeout: 20_000 }).toBe(1);
      expect(await store.write(app, "next", 1)).toBe(true);
      await expect.poll(() => pushes, { timeout: 5000 }).toBe(2);
      await end();
    });

    test("rejects in time while it is frozen, and works when it goes on", async () => {
      const { store, end } = await open(nats.url);
      const { version } = await store.read(app);
      nats.kill("SIGSTOP");
      try {
        // Its threads stop one after the other.
        await expect
          .poll(
            () =>
              store.read(app).then(
                () => "answers",
                () => "frozen",
              ),
            { timeout: 5000 },
          )
          .toBe("frozen");
        for (const round of [1, 2])
          await Promise.all(Array.from({ length: 4 * round }, () => failsWithin(readBound, store.read(app))));
      } finally {
        nats.kill("SIGCONT");
      }
      const read = (): Promise<unknown> => store.read(app).catch(() => undefined);
      await expect.poll(read, { timeout: 10_000 }).toMatchObject({ version });
      expect(await store.write(app, "value", version)).toBe(true);
      await end();
    });
  });

  test("a watch that hears no heartbeat is made anew", async () => {
    const store = natsStore({ url: nats.url });
    await store.write("heartbeat", "value", 0);
    let pushes = 0;
    await store.watch?.("heartbeat", () => pushes++);
    const admin = await connect({ servers: nats.url });
    const list = await admin.request("$JS.API.CONSUMER.NAMES.KV_intermission");
    for (const name of list.json<{ consumers: readonly string[] }>().consumers)
      await admin.request(`$JS.API.CONSUMER.DELETE.KV_intermission.${name}`);
    await expect.poll(() => pushes, { timeout: 60_000 }).toBe(1);
    await store.write("heartbeat", "next", 1);
    await expect.poll(() => pushes).toBe(2);
    await Promise.all([store.close(), admin.close()]);
  });
});

describe("a NATS store, with no NATS there", () => {
  test("fails in time with a server that never answers, keeps no connection, and can be closed", async () => {
    const silent = await startSilentServer();
    const program = `
      import { natsStore } from "intermission/stores/nats";
      const store = natsStore({ url: "nats://127.0.0.1:${String(silent.port)}" });
      for (const operate of [() => store.read("app"), () => store.watch("app", () => {})])
        await operate().then(() => console.log("done"), (error) => console.log(error.code));`;
    const root = fileURLToPath(new URL("../../../", import.meta.url));
    // It exits by itself: nothing is left open.
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      cwd: root,
      timeout: 15_000,
    });
    expect(stdout).toBe("store-failed\nstore-failed\n");
    const store = natsStore({ url: `nats://127.0.0.1:${String(silent.port)}` });
    await Promise.all([
      failsWithin(readBound, store.read("app")),
      failsWithin(writeBound, store.write("app", "value", 0)),
    ]);
    await store.close();
    await silent.stop();
  });

  test("fails at once where nothing listens, and says that nothing was written", async () => {
    const silent = await startSilentServer();
    await silent.stop();
    const store = natsStore({ url: `nats://user:hush-hush@127.0.0.1:${String(silent.port)}` });
    await failsWithin(readBound, store.read("app"));
    const error: unknown = await store.write("app", "value", 0).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      written: false,
      message: expect.stringContaining("ECONNREFUSED") as string,
    });
    expect(String(error)).not.toContain("hush");
    await store.close();
  });
});
