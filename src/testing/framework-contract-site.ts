import assert from "node:assert/strict";
import { createBypass, createBypassKey } from "../core/bypass.ts";
import { systemClock } from "../core/runtime.ts";
import type { IntermissionOptions, MaskedError } from "../core/settings/options.ts";
import type { Store } from "../core/ports.ts";
import { emptyState, encodeState, type State } from "../core/state/state.ts";
import { openDeploy } from "../core/state/deploys.ts";
import { switchOn, type SwitchOn } from "../core/state/manual.ts";
import { recordRelease } from "../core/state/releases.ts";
import { withTimeLimit } from "../core/time-limit.ts";
import type { FrameworkContractApp, FrameworkContractSubject } from "./framework-contract-subject.ts";
import { visit, type Answer, type Visit } from "./framework-contract-visit.ts";

export const secret = "column book.author does not exist";

const failedHeaders = [
  ["content-type", "text/plain; charset=utf-8"],
  ["x-request-id", "r1"],
  ["access-control-allow-origin", "https://shop.example"],
  ["vary", "Origin"],
  ["etag", '"a"'],
  ["content-digest", "sha-256=:AA==:"],
  ["x-accel-expires", "3600"],
  ["server-timing", "db;desc=gone"],
  ["x-tenant", "7"],
  ["content-security-policy", "script-src 'self'; frame-ancestors https://partner.example"],
  ["set-cookie", "a=1"],
  ["set-cookie", "b=2"],
] as const;

const key = createBypassKey();

export const states = {
  empty: emptyState,
  settled: recordRelease(emptyState, "v1.0", Date.now()).state,
  get midDeploy(): State {
    return recordRelease(states.settled, "v1.1", Date.now()).state;
  },
  get deployOpen(): State {
    const opening = { release: "v1.0", id: "d", by: "contract", lease: 600_000 };
    return openDeploy(states.settled, opening, Date.now()).state;
  },
  manual: (options: SwitchOn): State =>
    switchOn(states.settled, options, { by: "contract", key }, Date.now()).state,
};

/** A token past the page of the app `default`. */
export const bypassToken = (): Promise<string> => createBypass("default").sign(key, Date.now() + 600_000);

/** A store of one record whose reads can be held. */
export interface ContractStore extends Store {
  /** Holds reads from now on, until `release` is called. */
  hold(): { readonly asked: Promise<void>; release(): void };
  readonly watchers: number;
}

function createContractStore(state: State): ContractStore {
  const value = encodeState(state);
  let gate: { readonly open: Promise<void>; asked(): void } | undefined;
  let watchers = 0;
  return {
    async read(_app, knownVersion) {
      gate?.asked();
      await gate?.open;
      return knownVersion === 1 ? { version: 1, unchanged: true } : { version: 1, value };
    },
    write: async () => false,
    async watch() {
      watchers++;
      let stopped = false;
      return async () => {
        if (!stopped) watchers--;
        stopped = true;
      };
    },
    close: async () => {},
    hold() {
      const asked = deferred();
      const open = deferred();
      gate = { open: open.promise, asked: asked.resolve };
      return {
        asked: withTimeLimit(systemClock, patience, asked.promise, {
          timeIsUp: () => new Error(`the store was not asked within ${String(patience / 1000)} s`),
        }),
        release() {
          gate = undefined;
          open.resolve();
        },
      };
    },
    get watchers() {
      return watchers;
    },
  };
}

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve: () => resolve() };
}

/** Milliseconds in which an adapter must do what a case waits for. */
const patience = 5000;

/** A running app of the contract, and what was seen in it. */
export interface Site {
  readonly app: FrameworkContractApp;
  readonly store: ContractStore;
  readonly error: Error;
  /** What the app's own error handler got. */
  readonly handled: readonly unknown[];
  readonly masked: readonly MaskedError[];
  /** How often `/` was called. */
  readonly greetings: () => number;
  /** Releases a stream's second piece. */
  goOn(): void;
  visit(path: string, options?: Visit): Promise<Answer>;
}

export interface SitePlan {
  readonly state?: State;
  /** False: without Intermission. */
  readonly watched?: boolean;
  readonly options?: IntermissionOptions;
  readonly trustProxy?: boolean;
}

/** An app for one case, on an instance of release v1.0. */
export async function withSite(
  subject: FrameworkContractSubject,
  { state = states.settled, watched = true, options = {}, trustProxy = false }: SitePlan,
  work: (site: Site) => Promise<void>,
): Promise<void> {
  const store = createContractStore(state);
  const handled: unknown[] = [];
  const masked: MaskedError[] = [];
  const error = new Error(secret);
  const second = deferred();
  let greetings = 0;
  const app = await subject.start({
    options: watched
      ? {
          store,
          release: "v1.0",
          refreshEvery: 0,
          readTimeout: 5000,
          logger: { warn: () => {}, error: () => {} },
          onMasked: (told) => masked.push(told),
          ...options,
        }
      : undefined,
    trustProxy,
    greet() {
      greetings++;
      return "Hello";
    },
    error,
    onError: (given) => handled.push(given),
    secret,
    failedHeaders,
    async *chunks() {
      yield "first ";
      await second.promise;
      yield "second";
    },
    async *lateChunks() {
      yield "first ";
      await new Promise((resolve) => setImmediate(resolve));
      throw error;
    },
  });
  try {
    await work({
      app,
      store,
      error,
      handled,
      masked,
      greetings: () => greetings,
      goOn: () => second.resolve(),
      visit: (path, visitOptions) => visit(app.url + path, visitOptions),
    });
  } finally {
    second.resolve();
    await app.close();
  }
}

export const browser = { accept: "text/html,*/*;q=0.8" };

export function assertPage({ status, headers, body, complete }: Answer, path: string): void {
  assert.equal(status, 503, `${path}: status`);
  assert.equal(complete, true, `${path}: the page comes to its end`);
  assert.equal(headers["retry-after"], "60", `${path}: Retry-After`);
  assert.equal(headers["cache-control"], "no-store", `${path}: Cache-Control`);
  assert.match(headers["content-type"] ?? "", /^text\/html/, `${path}: Content-Type`);
  assert.equal(headers["content-length"], String(Buffer.byteLength(body)), `${path}: Content-Length`);
  assert.match(body, /<\/html>/, `${path}: the page`);
  assert.equal(body.includes(secret), false, `${path}: nothing of the error is shown`);
}
