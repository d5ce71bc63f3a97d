/*
 * A process with many instances: each is a separate intermission with its own store by URL, and so with its
 * own connections. It obeys its parent's IPC messages, and answers each with one of the same `kind`.
 */
import { setImmediate } from "node:timers";
import { setTimeout as pause } from "node:timers/promises";
import { createIntermission } from "intermission";
import { openStore } from "./open-store.js";

/** Each tracks what it knows: `version` of the record, and `at`, when it learned it. */
const instances = [];
const reads = { answered: 0, failed: 0, milliseconds: [] };
let expected;

const perform = {
  async start({ url, count, options }) {
    for (let index = 0; index < count; index++) instances.push(createInstance(url, options));
    await Promise.all(instances.map(({ intermission }) => intermission.ready()));
  },
  /**
   * Waits until every instance answers errors with the verdict, and returns when each did: nanoseconds, one
   * clock.
   */
  expect({ verdict, limit }) {
    return new Promise((resolve) => {
      const missing = new Set(instances);
      const times = [];
      const finish = () => {
        clearTimeout(timer);
        expected = undefined;
        resolve({ times: times.map(String), missing: missing.size });
      };
      const timer = setTimeout(finish, limit);
      expected = (instance) => {
        if (!missing.has(instance) || instance.verdict !== verdict) return;
        times.push(process.hrtime.bigint());
        missing.delete(instance);
        if (missing.size === 0) finish();
      };
    });
  },
  /** An error in each instance, every so many milliseconds. */
  async storm({ milliseconds, every }) {
    const waits = [];
    const until = performance.now() + milliseconds;
    const suffer = async ({ intermission }) => {
      await pause(Math.random() * every);
      while (performance.now() < until) {
        const startedAt = performance.now();
        await intermission.decide();
        waits.push(performance.now() - startedAt);
        await pause(every);
      }
    };
    await Promise.all(instances.map(suffer));
    return { waits };
  },
  async count() {
    const { answered, failed, milliseconds } = reads;
    reads.milliseconds = [];
    return { answered, failed, milliseconds };
  },
  async end() {
    await Promise.all(instances.map(({ close }) => close()));
  },
};

function createInstance(url, options) {
  const instance = {};
  const store = watchReads(openStore(url), () => {
    // The instance itself handles the answer first.
    setImmediate(() => void check(instance));
  });
  const intermission = createIntermission({ release: "v1", store, logger: silent, ...options });
  return Object.assign(instance, {
    intermission,
    async close() {
      await intermission.close();
      await store.close();
    },
  });
}

/** Asks only right after a read, when the answer costs no other. */
async function check(instance) {
  if (expected === undefined) return;
  ({ verdict: instance.verdict } = await instance.intermission.decide());
  expected?.(instance);
}

function watchReads(store, afterRead) {
  return {
    ...store,
    async read(...parameters) {
      const startedAt = performance.now();
      try {
        const record = await store.read(...parameters);
        reads.answered++;
        reads.milliseconds.push(performance.now() - startedAt);
        afterRead();
        return record;
      } catch (error) {
        reads.failed++;
        throw error;
      }
    },
  };
}

const silent = { warn() {}, error() {} };

process.on("message", async ({ kind, ...task }) => {
  process.send({ kind, ...(await perform[kind](task)) });
  if (kind === "end") process.disconnect();
});
