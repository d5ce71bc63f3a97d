import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../test/support/deploy-window.ts";
import {
  browser,
  expectPage,
  failures,
  secret,
  serve,
  serveBare,
} from "../../../test/support/failing-listeners.ts";
import { visit } from "../../../test/support/http.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Store, StoreRecord } from "../../core/ports.ts";
import { emptyState, encodeState } from "../../core/state/state.ts";
import { createIntermission } from "../../engine/create.ts";

/** An intermission whose store answers on command. */
function waitingIntermission(options: { readonly readTimeout?: number } = {}): {
  readonly intermission: Intermission;
  readonly asked: Promise<void>;
  answer(current: string): void;
} {
  let resolve!: (record: StoreRecord) => void;
  let reportAsked!: () => void;
  const asked = new Promise<void>((report) => (reportAsked = report));
  const store: Store = {
    read: () => {
      reportAsked();
      return new Promise((settle) => (resolve = settle));
    },
    write: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
  const intermission = createIntermission(
    { store, release: "v1.0", logger: silentLogger, readTimeout: 5000, ...options },
    { environment: {}, watching: false },
  );
  return {
    intermission,
    asked,
    answer: (current) => {
      resolve({ version: 1, value: encodeState({ ...emptyState, releases: [{ id: current, at: 0 }] }) });
    },
  };
}

describe("an error that waits for the store", () => {
  test.each(Object.entries(failures).filter(([name]) => !name.includes("large")))(
    "sent by %s becomes the page when the verdict is maintenance",
    async (_, listener) => {
      const { intermission, asked, answer } = waitingIntermission();
      const answered = visit(await serve(intermission, listener), browser);
      await asked;
      await new Promise((later) => setImmediate(later));
      answer("v1.1");
      expectPage(await answered);
    },
  );

  test.each(Object.entries(failures).filter(([name]) => !/wrong length|large/.test(name)))(
    "sent by %s is sent as the app meant it when the verdict is regular",
    async (_, listener) => {
      const { intermission, asked, answer } = waitingIntermission();
      const answered = visit(await serve(intermission, listener));
      await asked;
      await new Promise((later) => setImmediate(later));
      answer("v1.0");
      const bare = await serveBare(listener);
      const [held, plain] = [await answered, await visit(bare)];
      expect({ ...held, headers: { ...held.headers, date: "" }, rawHeaders: [] }).toEqual({
        ...plain,
        headers: { ...plain.headers, date: "" },
        rawHeaders: [],
      });
    },
  );

  test("is let go as regular when the store does not answer in time", async () => {
    const { intermission } = waitingIntermission({ readTimeout: 20 });
    const url = await serve(intermission, (_, response) => response.writeHead(500).end(secret));
    expect(await visit(url)).toMatchObject({ status: 500, body: secret });
  });

  test("is let go as regular when it grows beyond what is kept", async () => {
    const { intermission } = waitingIntermission();
    const body = "x".repeat(40_000);
    const url = await serve(intermission, (_, response) => {
      response.statusCode = 500;
      response.write(body);
      response.write(body);
      response.end();
    });
    expect(await visit(url)).toMatchObject({ status: 500, body: body + body });
  });

  test("of a visitor who left harms nobody", async () => {
    const { intermission, asked, answer } = waitingIntermission();
    let closed!: Promise<unknown>;
    const url = new URL(
      await serve(intermission, (_, response) => {
        closed = once(response, "close");
        response.writeHead(500).end(secret);
      }),
    );
    const socket = connect(Number(url.port), url.hostname);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await asked;
    socket.destroy();
    await closed;
    answer("v1.1");
    await new Promise((later) => setImmediate(later));
  });

  test("is sent before the process exits", async () => {
    const { intermission, asked } = waitingIntermission();
    const url = await serve(intermission, (_, response) => response.writeHead(500).end(secret));
    const answered = visit(url);
    await asked;
    const listeners = process.listeners("exit");
    for (const listener of listeners.filter(({ name }) => name === "sendAllHeld")) listener(0);
    expect(await answered).toMatchObject({ status: 500, body: secret });
  });
});
