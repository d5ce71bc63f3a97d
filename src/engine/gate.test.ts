import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cookieOf } from "../../test/support/closed-site.ts";
import { bypassLifetime } from "../core/bypass.ts";
import type { GateFacts, GateOutcome, Intermission } from "../core/intermission.ts";
import type { IntermissionOptions } from "../core/settings/options.ts";
import type { Store } from "../core/ports.ts";
import type { Events } from "../core/events.ts";
import { decodeState } from "../core/state/state.ts";
import { createIntermission } from "./create.ts";
import { createGate } from "./gate.ts";
import type { PageLoader } from "./page/loader.ts";
import type { Watcher } from "./state/snapshot.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";

const visitor: GateFacts = { path: "/", address: "192.0.2.1", request: {} };

let clock: FakeClock;
let store: Store;
let reads: number;
let silent: boolean;
const open: Intermission[] = [];

/** An instance without push, so that it learns only by reading. Its store shares the clock. */
function create(options: IntermissionOptions = {}): Intermission {
  const mute: Store = {
    read: async (app, knownVersion) => {
      reads++;
      if (silent) await new Promise(() => undefined);
      return { ...(await store.read(app, knownVersion)), now: clock.now() };
    },
    write: store.write.bind(store),
    close: () => Promise.resolve(),
  };
  const intermission = createIntermission(
    { store: mute, release: "v1", logger: { warn: () => undefined, error: () => undefined }, ...options },
    { environment: {}, clock, by: "ada@desk" },
  );
  open.push(intermission);
  return intermission;
}

beforeEach(() => {
  clock = createFakeClock({ start: 1_790_000_000_000 });
  store = memoryStore();
  reads = 0;
  silent = false;
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((intermission) => intermission.close()));
});

/** The gate's outcome. The clock stands still, so waits for the store don't end by themselves. */
async function ask(intermission: Intermission, facts: Partial<GateFacts> = {}): Promise<string> {
  const outcome = await intermission.gate({ ...visitor, ...facts });
  return typeof outcome === "object" ? "page" : (outcome ?? "open");
}

async function closed(
  options: IntermissionOptions = {},
  manual: Partial<Parameters<Intermission["switchOn"]>[0]> = {},
): Promise<{ readonly intermission: Intermission; readonly token: string }> {
  const intermission = create(options);
  await intermission.ready();
  const { bypass } = await intermission.switchOn({ mode: "closed", wait: false, ...manual });
  return { intermission, token: bypass.token };
}

describe("in mode auto", () => {
  test("nothing is gated, and nothing is read for it", async () => {
    const intermission = create();
    expect(intermission.gated).toBe(false);
    await intermission.ready();
    expect(intermission.gated).toBe(false);
    const before = reads;
    expect(intermission.gate(visitor)).toBeUndefined();
    await clock.advance(5000);
    expect(intermission.gate({ ...visitor, link: "1.a", cookie: cookieOf("1.a") })).toBeUndefined();
    expect(reads).toBe(before);
  });
});

describe("in mode errors", () => {
  test("requests reach the app, and a valid link admits", async () => {
    const { intermission, token } = await closed({}, { mode: "errors" });
    expect(intermission.gated).toBe(true);
    expect(intermission.gate(visitor)).toBeUndefined();
    expect(await ask(intermission, { link: token })).toBe("admitted");
    expect(await ask(intermission, { link: `${token}x` })).toBe("open");
  });

  test("an error with a valid bypass is judged as if the mode were off", async () => {
    const { intermission, token } = await closed({}, { mode: "errors" });
    await intermission.createRelease("v1", { wait: false });
    const error = { status: 500, path: "/" };
    expect(await intermission.decide(error)).toMatchObject({ reason: "manual" });
    expect(await intermission.decide({ ...error, cookie: cookieOf("1.forged") })).toMatchObject({
      reason: "manual",
    });
    expect(await intermission.decide({ ...error, cookie: cookieOf(token) })).toMatchObject({
      reason: "release-match",
    });
  });
});

describe("in mode closed", () => {
  test("every request is closed out, at once while the snapshot is fresh", async () => {
    const { intermission } = await closed();
    expect(intermission.gate(visitor)).toBe("closed");
    expect(intermission.gate({ request: undefined })).toBe("closed");
    expect(intermission.page({ method: "GET" }, "closed").headers["x-maintenance"]).toBe("closed");
  });

  test("exempt paths, exempt clients and what is skipped reach the app", async () => {
    const { intermission } = await closed(
      { exempt: ["/health"], skip: (request) => request === "staff" },
      { exemptPaths: ["/hooks/**"], exemptAddresses: ["10.0.0.0/8"] },
    );
    expect(await ask(intermission, { path: "/health" })).toBe("open");
    expect(await ask(intermission, { path: "/hooks/pay" })).toBe("open");
    expect(await ask(intermission, { address: "10.2.3.4" })).toBe("open");
    expect(await ask(intermission, { request: "staff" })).toBe("open");
    expect(await ask(intermission)).toBe("closed");
  });

  test("the health checks of platforms reach the app, unless they are closed too", async () => {
    const { intermission } = await closed();
    for (const path of ["/healthz", "/livez/", "/up", "/actuator/health/readiness", "/_ah/warmup"])
      expect(await ask(intermission, { path })).toBe("open");
    expect(await ask(intermission, { path: "/health/articles" })).toBe("closed");
    const strict = await closed({}, { closeHealthPaths: true });
    expect(await ask(strict.intermission, { path: "/healthz" })).toBe("closed");
  });

  test("a skip that throws closes out, and is warned of", async () => {
    const codes: string[] = [];
    const skip = (): boolean => {
      throw new Error("no user");
    };
    const { intermission } = await closed({ skip, onWarning: ({ code }) => codes.push(code) });
    expect(await ask(intermission)).toBe("closed");
    expect(codes).toContain("callback-failed");
  });

  test("a bypass holds for twelve hours, and no longer than the mode", async () => {
    const { intermission, token } = await closed();
    expect(await ask(intermission, { cookie: cookieOf(token) })).toBe("open");
    expect(await ask(intermission, { link: token })).toBe("admitted");
    await clock.advance(bypassLifetime - 1000);
    expect(await ask(intermission, { cookie: cookieOf(token) })).toBe("open");
    await clock.advance(1000);
    expect(await ask(intermission, { cookie: cookieOf(token) })).toBe("closed");
    expect(await ask(intermission, { link: token })).toBe("closed");
  });

  test("a bypass is void after off, and after the next on", async () => {
    const { intermission, token } = await closed();
    await intermission.switchOff({ wait: false });
    const next = await intermission.switchOn({ mode: "closed", wait: false });
    expect(await ask(intermission, { cookie: cookieOf(token) })).toBe("closed");
    expect(await ask(intermission, { link: token })).toBe("closed");
    const again = await intermission.switchOn({ mode: "closed", wait: false });
    expect(await ask(intermission, { cookie: cookieOf(next.bypass.token) })).toBe("closed");
    expect(await ask(intermission, { cookie: cookieOf(again.bypass.token) })).toBe("open");
  });

  test("a bypass for a time to come holds for twelve hours of it", async () => {
    const day = 86_400_000;
    const { intermission, token } = await closed({}, { from: { fromNow: day } });
    expect(await ask(intermission, { link: token })).toBe("admitted");
    await clock.advance(day + bypassLifetime - 1);
    expect(await ask(intermission)).toBe("closed");
    expect(await ask(intermission, { cookie: cookieOf(token) })).toBe("open");
  });

  test("a second after off nobody is closed out, without any news from the store", async () => {
    const { intermission } = await closed({ refreshEvery: 0 });
    const desk = create();
    await desk.switchOff({ wait: false });
    expect(intermission.gate(visitor)).toBe("closed");
    await clock.advance(1000);
    const before = reads;
    const [first, second] = [intermission.gate(visitor), intermission.gate(visitor)];
    expect(await first).toBeUndefined();
    expect(await second).toBeUndefined();
    expect(reads - before).toBe(1);
    expect(intermission.gated).toBe(false);
  });

  test("a silent store is waited for no longer than readTimeout, and the site stays closed", async () => {
    const { intermission } = await closed();
    await clock.advance(5000);
    silent = true;
    await clock.advance(1000);
    let outcome: GateOutcome | undefined;
    const asked = Promise.resolve(intermission.gate(visitor)).then((known) => (outcome = known));
    await clock.advance(249);
    expect(outcome).toBeUndefined();
    await clock.advance(1);
    await asked;
    expect(outcome).toBe("closed");
  });

  test.each([{}, { bypass: "1.a" }])(
    "who comes before the page is loaded waits for it: %j",
    async (facts) => {
      const { intermission } = await closed();
      const { value } = await store.read("default");
      const state = decodeState(value!);
      let load!: () => void;
      const loading = new Promise<void>((resolve) => (load = resolve));
      const gate = createGate({
        settings: intermission.settings,
        watcher: { snapshot: { state, storeOffset: 0 }, freshen: () => undefined } as unknown as Watcher,
        clock,
        bypass: { verify: () => Promise.resolve(false), verifyCookies: () => Promise.resolve(false) },
        pages: { loaded: false, load: () => loading } as unknown as PageLoader,
        skips: () => false,
        events: { active: false } as Events,
        rehearse: () => Promise.resolve(undefined),
      });
      let outcome: GateOutcome | undefined;
      const asked = Promise.resolve(gate({ ...visitor, ...facts })).then((known) => (outcome = known));
      await new Promise((later) => setImmediate(later));
      expect(outcome).toBeUndefined();
      load();
      await asked;
      expect(outcome).toBe("closed");
    },
  );

  test("the snapshot's own times hold without any read", async () => {
    const { intermission } = await closed(
      { refreshEvery: 0 },
      { from: { fromNow: 60_000 }, until: { fromNow: 120_000 } },
    );
    const before = reads;
    expect(intermission.gate(visitor)).toBeUndefined();
    await clock.advance(59_999);
    expect(intermission.gate(visitor)).toBeUndefined();
    expect(reads).toBe(before);
    await clock.advance(1);
    expect(await ask(intermission)).toBe("closed");
    await clock.advance(59_999);
    expect(await ask(intermission)).toBe("closed");
    await clock.advance(1);
    expect(intermission.gate(visitor)).toBeUndefined();
  });
});

describe("status and history", () => {
  test("say what is set, who set it, and not the key", async () => {
    const { intermission } = await closed({}, { message: "Moving", exemptPaths: ["/health"] });
    const status = await intermission.status();
    expect(status).toMatchObject({
      mode: "closed",
      reason: "manual",
      manual: { mode: "closed", holds: true, message: "Moving", by: "ada@desk", at: clock.now() },
    });
    expect(JSON.stringify(status)).not.toContain("key");
    await intermission.switchOff({ wait: false });
    expect(await intermission.status()).not.toHaveProperty("manual");
    const changes = await intermission.history();
    expect(changes.map(({ by, what }) => `${by}: ${what}`)).toEqual(["ada@desk: off", "ada@desk: on --all"]);
  });

  test("what is yet to begin does not count as the mode", async () => {
    const { intermission } = await closed({}, { from: { fromNow: 1000 } });
    expect(await intermission.status()).toMatchObject({ mode: "auto", manual: { holds: false } });
  });

  test("off when it is off writes nothing, and waits for nothing", async () => {
    const intermission = create();
    expect(await intermission.switchOff()).toMatchObject({ previousMode: "auto" });
    expect(await intermission.history()).toEqual([]);
  });
});

describe("on", () => {
  test("returns when every instance is bound to have read it in the background", async () => {
    const old = create();
    await old.ready();
    const desk = create();
    let done = false;
    const on = desk.switchOn({ mode: "closed" }).then(() => (done = true));
    await clock.advance(11_999);
    expect(done).toBe(false);
    await clock.advance(100);
    await on;
    expect(await ask(old)).toBe("closed");
  });

  test("does not wait for what begins later", async () => {
    const { manual } = await create().switchOn({ mode: "closed", from: { fromNow: 3_600_000 } });
    expect(manual.holds).toBe(false);
  });
});
