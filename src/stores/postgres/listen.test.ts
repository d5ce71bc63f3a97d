import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { createFakeClock } from "../../testing/fake-clock.ts";
import type { ListenClient } from "./pool.ts";
import { createListener } from "./listen.ts";

/** A client through our own interface, and what happened to it. */
function createClient(
  query: (query: { readonly text: string }) => Promise<unknown> = () => Promise.resolve(),
  pid = 7,
) {
  const processID = 7;
  const emitter = Object.assign(new EventEmitter(), {
    processID,
    // Answers the check for a pooler as a server would.
    query: (asked: { readonly text: string }) =>
      asked.text.includes("pg_backend_pid")
        ? Promise.resolve({ rows: [{ pid, replica: false }] })
        : query(asked),
  });
  const client = { emitter, ended: false, wasPutBack: false };
  const opened: ListenClient = {
    client: emitter,
    end() {
      client.ended = true;
    },
    putBack() {
      client.wasPutBack = true;
    },
  };
  return { client, opened };
}

function listenTo(source: { listenClient(): Promise<ListenClient> }) {
  return createListener(createFakeClock()).listenTo(source);
}

test("it hears what is told on its channel, of an app, and nothing else", async () => {
  const { client, opened } = createClient();
  const heard: string[] = [];
  await listenTo({ listenClient: async () => opened })(
    (app) => heard.push(app),
    () => {},
  ).subscribed;
  client.emitter.emit("notification", { channel: "intermission", payload: "shop" });
  client.emitter.emit("notification", { channel: "another", payload: "shop" });
  client.emitter.emit("notification", { channel: "intermission" });
  expect(heard).toEqual(["shop"]);
});

test.each(["error", "end"])("it says that the connection is lost on '%s'", async (event) => {
  const { client, opened } = createClient();
  let lost = 0;
  await listenTo({ listenClient: async () => opened })(
    () => {},
    () => lost++,
  ).subscribed;
  expect(lost).toBe(0);
  client.emitter.emit(event);
  expect(lost).toBe(1);
});

test("it is not tried on a connection that a pooler may hand to others", async () => {
  const said: string[] = [];
  const { client, opened } = createClient(async ({ text }) => said.push(text), 8);
  const subscription = listenTo({ listenClient: async () => opened })(
    () => {},
    () => {},
  );
  await expect(subscription.subscribed).rejects.toMatchObject({ code: "push-unavailable" });
  expect({ said, wasPutBack: client.wasPutBack }).toEqual({ said: [], wasPutBack: true });
});

test("it can't be had where LISTEN is refused", async () => {
  const { client, opened } = createClient(() => Promise.reject(new Error("refused")));
  const subscription = listenTo({ listenClient: async () => opened })(
    () => {},
    () => {},
  );
  await expect(subscription.subscribed).rejects.toThrow("refused");
  subscription.end();
  expect(client.ended).toBe(true);
});

test("a connection that comes after it was given up is put back for others", async () => {
  const { client, opened } = createClient();
  let arrive: (late: ListenClient) => void = () => {};
  const listenClient = (): Promise<ListenClient> => new Promise((resolve) => (arrive = resolve));
  const subscription = listenTo({ listenClient })(
    () => {},
    () => {},
  );
  subscription.end();
  arrive(opened);
  await expect(subscription.subscribed).rejects.toThrow("too late");
  expect(client).toMatchObject({ ended: false, wasPutBack: true });
});

describe("asking on the connection that listens", () => {
  const question = { text: "select" };

  /** Its connection answers queries as the test says. */
  async function listen(answer: () => Promise<unknown>) {
    const clock = createFakeClock();
    const { client, opened } = createClient(({ text }) =>
      text === question.text ? answer() : Promise.resolve(),
    );
    const listener = createListener(clock);
    const events = { lost: 0 };
    const subscription = listener.listenTo({ listenClient: async () => opened })(
      () => {},
      () => events.lost++,
    );
    const before = listener.ask(question, 1000);
    await subscription.subscribed;
    return { clock, client, listener, subscription, events, before };
  }

  test("is refused before it listens, while it is busy, and when it was given up", async () => {
    let settle: (answer: string) => void = () => {};
    const { listener, subscription, before } = await listen(
      () => new Promise((resolve) => (settle = resolve)),
    );
    expect(before).toBeUndefined();
    const asked = listener.ask(question, 1000);
    expect(listener.ask(question, 1000)).toBeUndefined();
    settle("answer");
    expect(await asked).toBe("answer");
    const last = listener.ask(question, 1000);
    subscription.end();
    settle("late");
    expect(await last).toBe("late");
    expect(listener.ask(question, 1000)).toBeUndefined();
  });

  test("and being told of an error by the server leaves it listening", async () => {
    const refused = Object.assign(new Error("relation does not exist"), { severity: "ERROR", code: "42P01" });
    const { listener, events } = await listen(() => Promise.reject(refused));
    await expect(listener.ask(question, 1000)).rejects.toBe(refused);
    expect(events.lost).toBe(0);
    await expect(listener.ask(question, 1000)).rejects.toBe(refused);
  });

  test.each([
    [
      "an error of the network",
      () => Promise.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    ],
    ["no answer in time", () => new Promise(() => {})],
    [
      "a client that throws",
      () => {
        throw new Error("not queryable");
      },
    ],
  ])("and getting %s says that it is lost", async (_, answer) => {
    const { clock, listener, events } = await listen(answer);
    const asked = expect(listener.ask(question, 1000)).rejects.toThrow();
    await clock.advance(999);
    await clock.advance(1);
    await asked;
    expect(events.lost).toBe(1);
    expect(listener.ask(question, 1000)).toBeUndefined();
  });
});
