import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import type { ListenClient } from "./client.ts";
import { listenTo } from "./listen.ts";

/** A client at our own port, and what came of it. */
function createClient(query: () => Promise<unknown> = () => Promise.resolve()) {
  const emitter = Object.assign(new EventEmitter(), { query });
  const client = { emitter, ended: false };
  const opened: ListenClient = {
    client: emitter,
    end() {
      client.ended = true;
    },
  };
  return { client, opened };
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

test("a connection that comes after it was given up is given back", async () => {
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
  expect(client.ended).toBe(true);
});
