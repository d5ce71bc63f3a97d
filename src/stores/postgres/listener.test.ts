import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { createFakeClock } from "../../testing/fake-clock.ts";
import type { ListenClient, PostgresClient } from "./client.ts";
import { createListener } from "./listener.ts";

/** A client at our own port: connects as it is told to, and is ended by the test. */
function createClients() {
  const clients: (EventEmitter & { ended: boolean })[] = [];
  let refuse = false;
  let answer = true;
  return {
    clients,
    refuse(value: boolean) {
      refuse = value;
    },
    answer(value: boolean) {
      answer = value;
    },
    async connect(): Promise<ListenClient> {
      if (refuse) throw new Error("refused");
      const emitter = Object.assign(new EventEmitter(), {
        ended: false,
        query: () => (answer ? Promise.resolve() : new Promise(() => {})),
      });
      emitter.on("error", () => {});
      clients.push(emitter);
      return {
        client: emitter as unknown as PostgresClient,
        end() {
          emitter.ended = true;
        },
      };
    },
  };
}

test("several apps share one connection, which ends with the last of them", async () => {
  const { clients, connect } = createClients();
  const listener = createListener(connect, createFakeClock());
  const told: string[] = [];
  const stops = await Promise.all(
    ["a", "b", "b"].map((app, index) => listener.watch(app, () => told.push(`${app}${String(index)}`))),
  );
  expect(clients).toHaveLength(1);
  clients[0]?.emit("notification", { channel: "intermission", payload: "b" });
  clients[0]?.emit("notification", { channel: "another", payload: "a" });
  clients[0]?.emit("notification", { channel: "intermission" });
  expect(told).toEqual(["b1", "b2"]);
  await stops[0]?.();
  await stops[1]?.();
  expect(clients[0]?.ended).toBe(false);
  await stops[2]?.();
  expect(clients[0]?.ended).toBe(true);
});

test("a lost connection is made anew, in growing pauses, and tells that something may have been missed", async () => {
  const { clients, connect, refuse } = createClients();
  const clock = createFakeClock({ random: () => 1 });
  const listener = createListener(connect, clock);
  let told = 0;
  await listener.watch("app", () => told++);
  refuse(true);
  clients[0]?.emit("error", new Error("lost"));
  clients[0]?.emit("end");
  expect(clients[0]?.ended).toBe(true);
  for (const pause of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    expect(clock.pending).toBe(1);
    await clock.advance(pause - 1);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
  }
  expect(clock.referenced).toBe(0);
  expect(told).toBe(0);
  refuse(false);
  await clock.advance(30_000);
  expect(clients).toHaveLength(2);
  expect(told).toBe(1);
  clients[1]?.emit("notification", { channel: "intermission", payload: "app" });
  expect(told).toBe(2);
  clients[0]?.emit("notification", { channel: "intermission", payload: "app" });
  clients[1]?.emit("end");
  await clock.advance(500);
  expect(clients).toHaveLength(3);
});

test("a first connection that fails rejects and is not tried again", async () => {
  const { connect, refuse } = createClients();
  const clock = createFakeClock();
  const listener = createListener(connect, clock);
  refuse(true);
  await expect(listener.watch("app", () => {})).rejects.toThrow("refused");
  expect(clock.pending).toBe(0);
  refuse(false);
  await listener.watch("app", () => {});
});

test("a connection that does not answer is given up", async () => {
  const { clients, connect, answer } = createClients();
  const clock = createFakeClock();
  const listener = createListener(connect, clock);
  answer(false);
  const watching = listener.watch("app", () => {});
  const refused = expect(watching).rejects.toThrow("3000 ms");
  await clock.advance(3000);
  await refused;
  expect(clients[0]?.ended).toBe(true);
});

test("closing while a connection is away stops the trying", async () => {
  const { clients, connect } = createClients();
  const clock = createFakeClock();
  const listener = createListener(connect, clock);
  await listener.watch("app", () => {});
  clients[0]?.emit("end");
  listener.close();
  expect(clock.pending).toBe(0);
  await clock.advance(60_000);
  expect(clients).toHaveLength(1);
});

test("closing while a connection is being made ends it", async () => {
  const { clients, connect } = createClients();
  const listener = createListener(connect, createFakeClock());
  const watching = listener.watch("app", () => {});
  listener.close();
  await watching;
  expect(clients[0]?.ended).toBe(true);
});
