import { setTimeout as delay } from "node:timers/promises";
import { reasonOf } from "../core/errors.ts";
import type { Intermission } from "../core/intermission.ts";
import type { Store } from "../core/ports.ts";
import { createIntermission } from "../engine/create.ts";
import { memoryStore } from "../stores/memory/index.ts";

/**
 * Twelve instances on a store of their own, for the console. They are real but for two things: they share
 * this process, and nobody visits them, so each is told of an error now and then.
 */
export interface Fleet {
  readonly store: Store;
  /** Begins a deploy of the next release, unless one is under way. */
  play(): void;
  close(): Promise<void>;
}

export interface FleetOptions {
  /** Milliseconds between two instances that are replaced. @default 4000 */
  readonly pace?: number;
  readonly warn: (line: string) => void;
}

const size = 12;
const routes = ["/orders/:id", "/basket", "/account"];

export function createFleet({ pace = 4000, warn }: FleetOptions): Fleet {
  const store = memoryStore();
  let instances: Intermission[] = [];
  let played = 0;
  let playing: Promise<void> | undefined;
  const closing = new AbortController();

  function start(release: string, index: number): Intermission {
    return createIntermission(
      { store, release, instance: `web-${String(index + 1)}`, refreshEvery: 0 },
      { environment: {} },
    );
  }

  const createDeployer = (release: string): Intermission =>
    createIntermission(
      { store, release, report: false, refreshEvery: 0 },
      { environment: {}, by: "deploy@ci" },
    );

  async function startAll(release: string): Promise<void> {
    instances = Array.from({ length: size }, (_, index) => start(release, index));
    await Promise.all(instances.map((instance) => instance.ready()));
  }

  /** One of three fails, as if each had a visitor. */
  function visit(): void {
    instances.forEach((instance, index) => {
      if (Math.random() > 1 / 3) return;
      const route = routes[index % routes.length] ?? "/";
      const error = Object.assign(new Error("column orders.note does not exist"), { code: "42703" });
      const replacement = instance.replacementFor({
        ...{ status: 500, method: "GET", path: route, request: { route: { path: route } }, error },
        pageRequest: { method: "GET", accept: "text/html" },
      });
      if (replacement instanceof Promise) void replacement.then((page) => page?.sent());
      else replacement?.sent();
    });
  }

  async function deploy(): Promise<void> {
    const [old, release] = [`v1.${String(played)}`, `v1.${String(played + 1)}`];
    if (played === 0) {
      const first = createDeployer(old);
      await first.createRelease(old, { wait: false });
      await first.close();
      await startAll(old);
      await pause(2 * pace);
    }
    played++;
    const deployer = createDeployer(release);
    const visits = setInterval(visit, 500);
    try {
      const { id } = await deployer.openDeploy({ release, lease: 60 * pace, wait: false });
      for (let index = 0; index < size; index++) {
        await pause(pace);
        const before = instances[index];
        const next = start(release, index);
        await next.ready();
        instances[index] = next;
        await before?.close();
      }
      await pause(pace);
      await deployer.closeDeploy({ id, outcome: "succeeded", wait: false });
    } finally {
      clearInterval(visits);
      await deployer.close();
    }
  }

  /** @throws AbortError if it is closed meanwhile. */
  const pause = (milliseconds: number): Promise<void> =>
    delay(milliseconds, undefined, { signal: closing.signal });

  return {
    store,
    play() {
      if (closing.signal.aborted) return;
      playing ??= deploy()
        .catch((error: unknown) => {
          if (!closing.signal.aborted) warn(`The deploy of twelve instances ended early: ${reasonOf(error)}`);
        })
        .finally(() => (playing = undefined));
    },
    async close() {
      closing.abort();
      await playing;
      await Promise.all(instances.map((instance) => instance.close()));
    },
  };
}
