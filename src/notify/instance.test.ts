import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { faults, startReceiver, type Receiver } from "../../test/support/webhook.ts";
import { IntermissionError } from "../core/errors.ts";
import type { Intermission } from "../core/intermission.ts";
import type { Store } from "../core/ports.ts";
import { createIntermission } from "../engine/create.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";

const second = 1000;
const minute = 60 * second;
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

let clock: FakeClock;
let receiver: Receiver;
let warnings: string[];
let onTheirWay: Set<object>;
const started: Intermission[] = [];

/** Instances load it as they start, which takes real time, and by the fake clock that may be minutes. */
beforeAll(() => import("./instance.ts"));
beforeEach(async () => {
  const { fetch } = globalThis;
  const mine = (onTheirWay = new Set());
  vi.spyOn(globalThis, "fetch").mockImplementation((...parameters) => {
    mine.add(parameters);
    return fetch(...parameters).finally(() => mine.delete(parameters));
  });
  clock = createFakeClock({ start: Date.now() });
  receiver = await startReceiver();
  warnings = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(started.splice(0).map((intermission) => intermission.close()));
});

/** Without a clock of its own, so that the instances' counts. */
function createStore(): Store {
  const { read, write, close, reports } = memoryStore();
  return {
    async read(...parameters) {
      const record = { ...(await read(...parameters)) };
      delete (record as { now?: number }).now;
      return record;
    },
    write,
    close,
    ...(reports === undefined ? {} : { reports }),
  };
}

async function start(store: Store, release: string): Promise<Intermission> {
  const intermission = createIntermission(
    {
      ...{ store, release, webhook: receiver.url, webhookSecret: secret },
      logger: { warn: () => undefined, error: () => undefined },
      onWarning: ({ code }) => warnings.push(code),
    },
    { environment: {}, clock },
  );
  started.push(intermission);
  await intermission.ready();
  return intermission;
}

async function fail(intermission: Intermission): Promise<void> {
  const replacement = await intermission.replacementFor({
    ...{ status: 500, method: "GET", path: "/orders", request: undefined },
    pageRequest: { method: "GET" },
  });
  replacement?.sent();
}

/** Of each event once: it may be sent again, with the same id. */
function types(): readonly string[] {
  const events = new Map(receiver.received.map(({ headers, body }) => [headers["webhook-id"], body]));
  return [...events.values()].map((body) => (JSON.parse(body) as { readonly type: string }).type);
}

/** The network keeps real time: the fake clock stands still while something is on its way. */
async function advanceUntil(assertion: () => void, step = second): Promise<void> {
  await vi.waitFor(
    async () => {
      if (onTheirWay.size === 0) await clock.advance(step);
      assertion();
    },
    { timeout: 25_000, interval: 20 },
  );
}

async function until(expected: readonly string[]): Promise<void> {
  await advanceUntil(() => {
    expect(types()).toEqual(expected);
  });
}

test("what code or the console changes is told once, by whichever of ten instances is first", async () => {
  const store = createStore();
  const fleet = await Promise.all(Array.from({ length: 10 }, () => start(store, "v1.0")));
  await fleet[0]?.createRelease("v1.0", { wait: false });
  await until(["release.created"]);
  await fleet[3]?.switchOn({ mode: "closed", wait: false });
  await until(["release.created", "site.closed"]);
  for (let times = 0; times < 10; times++) {
    await clock.advance(10 * second);
    await new Promise((resume) => setImmediate(resume));
  }
  expect(types()).toEqual(["release.created", "site.closed"]);
  expect(warnings).toEqual([]);
});

test("the first hidden error of a window is told, not the others, and a mismatch that lasts", async () => {
  const store = createStore();
  const [old, other] = [await start(store, "v1.0"), await start(store, "v1.0")];
  await old.createRelease("v1.0", { wait: false });
  await old.createRelease("v1.1", { wait: false });
  await until(["release.created", "release.created"]);
  for (const instance of [old, other, old]) await fail(instance);
  await until(["release.created", "release.created", "errors.hidden"]);
  await fail(other);
  await clock.advance(31 * minute);
  await until(["release.created", "release.created", "errors.hidden", "mismatch.long"]);
  const { data } = JSON.parse(receiver.received.at(-1)?.body ?? "") as { readonly data: object };
  expect(data).toMatchObject({ app: "default", release: "v1.0", currentRelease: "v1.1" });
});

test("the sum of hidden errors is told once no instance is behind", async () => {
  const store = createStore();
  const old = await start(store, "v1.0");
  await old.createRelease("v1.0", { wait: false });
  await old.createRelease("v1.1", { wait: false });
  for (let times = 0; times < 3; times++) await fail(old);
  await until(["release.created", "release.created", "errors.hidden"]);
  await vi.waitFor(async () => {
    expect((await store.read("default#outbox")).value).toContain('"window"');
  });
  await start(store, "v1.1");
  await old.close();
  await until(["release.created", "release.created", "errors.hidden", "errors.sum"]);
  const { data } = JSON.parse(receiver.received.at(-1)?.body ?? "") as { readonly data: object };
  expect(data).toMatchObject({ release: "v1.1", hiddenErrors: 3, instances: 1 });
});

test("an instance that may not write says so once, and looks no more", async () => {
  const store = createStore();
  const command = await start(store, "v1.0");
  await command.createRelease("v1.0", { wait: false });
  await command.close();
  const write = vi.fn(() => Promise.reject(new IntermissionError("store-denied", { problem: "No right" })));
  await start({ ...store, write }, "v1.0");
  await advanceUntil(() => {
    expect(warnings).toEqual(["notify-failed"]);
  });
  for (let times = 0; times < 20; times++) {
    await clock.advance(10 * second);
    await new Promise((resume) => setImmediate(resume));
  }
  expect(write).toHaveBeenCalledTimes(1);
  expect(warnings).toEqual(["notify-failed"]);
});

test("a receiver that was down is told later, with the same id", async () => {
  receiver.behave(faults["answers 500"] ?? (() => {}));
  const instance = await start(createStore(), "v1.0");
  await instance.createRelease("v1.0", { wait: false });
  await until(["release.created"]);
  const tries = receiver.received.length;
  receiver.behave((response) => response.writeHead(204).end());
  await advanceUntil(() => {
    expect(receiver.received.length).toBeGreaterThan(tries);
  }, 5 * second);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(warnings)).toEqual(new Set(["notify-failed"]));
});

test("no timer of it keeps a process alive, and it ends with its instance", async () => {
  const instance = await start(createStore(), "v1.0");
  await instance.createRelease("v1.0", { wait: false });
  await until(["release.created"]);
  expect(clock.referenced).toBe(0);
  await instance.close();
  await clock.advance(minute);
  expect(clock.pending).toBe(0);
});

test("an invalid secret is refused at the start, and a missing one is a warning", async () => {
  expect(() => createIntermission({ webhookSecret: "hush" }, { environment: {}, clock })).toThrow(/whsec_/);
  const onWarning = vi.fn();
  const logger = { warn: () => undefined, error: () => undefined };
  started.push(
    createIntermission(
      { webhook: "https://a.example/hush", store: "memory:", logger, onWarning },
      { environment: {}, clock },
    ),
  );
  await vi.waitFor(() => {
    expect(onWarning).toHaveBeenCalledWith(expect.objectContaining({ code: "notify-failed" }));
  });
  expect(JSON.stringify(onWarning.mock.calls)).not.toContain("hush");
});
