import { clientUnavailable, loadPackage } from "../shared/failure.ts";
import type { Subscribe, Subscription } from "../shared/subscriber.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { systemClock } from "../../core/runtime.ts";
import type { RedisAddress } from "./address.ts";
import { channel } from "./scripts.ts";

/** The part of an `ioredis` client, Redis or Cluster, that the store uses. */
export interface IoredisClient {
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Tells an `ioredis` client from one of `redis`; never called. */
  defineCommand(name: string, definition: { readonly lua: string }): void;
  /** Only for `subscribe`. */
  duplicate?(): IoredisSubscriber;
}

/** The part of an `ioredis` client that the store subscribes with. */
export interface IoredisSubscriber {
  subscribe(channel: string): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  disconnect(): void;
  /** Of a single connection: by this it is known to live. */
  ping?(): Promise<unknown>;
}

/** The part of a client of `redis` (node-redis), single, pool or cluster, that the store uses. */
export interface NodeRedisClient {
  eval(script: string, options: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown>;
  /** Only for `subscribe`. */
  duplicate?(): NodeRedisSubscriber;
}

/** The part of a client of `redis` that the store subscribes with. */
export interface NodeRedisSubscriber {
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  /** By this it is known to live. */
  ping?(): Promise<unknown>;
}

export type RedisClient = IoredisClient | NodeRedisClient;

/** Whichever package the client is of. */
export interface RedisSource {
  /** Runs a script on one key. */
  evaluate(script: string, key: string, values: readonly string[]): Promise<unknown>;
  /** Left out for a client that can't be duplicated. */
  readonly subscribe?: Subscribe;
  /** An answer did not come in time: a connection that is the store's own begins anew. */
  renew(): void;
  close(): void;
}

/** Milliseconds until a connection that was not made is given up. */
const connectLimit = 2000;

/** Milliseconds between two questions whether a subscription still lives, and for the answer. */
const askEvery = 5000;
const answerLimit = 2000;

/** A client that belongs to the app: used, never closed. */
export function borrowClient(client: RedisClient): RedisSource {
  return "defineCommand" in client ? borrowIoredis(client) : borrowNodeRedis(client);
}

export function canSubscribe(client: RedisClient): boolean {
  return typeof client.duplicate === "function";
}

function borrowIoredis(client: IoredisClient): RedisSource {
  // With `retryStrategy: null` it ends when its connection does, and keeps no process waiting for another.
  const single: unknown[] = [{ lazyConnect: true, retryStrategy: null }];
  const cluster: unknown[] = [[], { lazyConnect: true, clusterRetryStrategy: null }];
  const duplicate = client.duplicate as ((...overrides: unknown[]) => IoredisSubscriber) | undefined;
  return {
    evaluate: (script, key, values) => client.eval(script, 1, key, ...values).catch(rethrowClean),
    ...(duplicate === undefined
      ? {}
      : {
          subscribe: (heard, lost) => {
            const overrides = "isCluster" in client && client.isCluster === true ? cluster : single;
            return subscribeWithIoredis(duplicate.apply(client, overrides), heard, lost);
          },
        }),
    renew() {},
    close() {},
  };
}

function borrowNodeRedis(client: NodeRedisClient): RedisSource {
  const duplicate = client.duplicate as ((overrides: object) => NodeRedisSubscriber) | undefined;
  return {
    evaluate: (script, key, values) => client.eval(script, { keys: [key], arguments: [...values] }),
    ...(duplicate === undefined
      ? {}
      : {
          subscribe: (heard, lost) => {
            const { options } = client as { readonly options?: { readonly socket?: object } };
            const socket = { ...options?.socket, reconnectStrategy: false };
            return subscribeWithNodeRedis(duplicate.call(client, { socket }), heard, lost);
          },
        }),
    renew() {},
    close() {},
  };
}

/**
 * A client of the store's own, of the package `ioredis`.
 *
 * @throws IntermissionError `client-missing`
 */
export async function connectByUrl({ url, tls }: RedisAddress): Promise<RedisSource> {
  const Redis = await loadIoredis();
  const create = (): InstanceType<typeof Redis> =>
    new Redis(url, {
      ...(tls === undefined ? {} : { tls }),
      lazyConnect: true,
      connectTimeout: connectLimit,
      keepAlive: 10_000,
      // Connects anew when it is asked for something: then the reason of a failure is known at once.
      retryStrategy: null,
      // A server that is loading its data says so itself.
      enableReadyCheck: false,
      autoResubscribe: false,
      connectionName: "intermission",
      disableClientInfo: true,
      protocol: 2,
    });
  const client = create();
  let reason: unknown;
  // Without a listener `ioredis` writes errors to the console.
  client.on("error", (error: unknown) => {
    // What comes after the first only follows from it.
    reason ??= error;
  });
  client.on("connect", () => client.stream.unref());

  return {
    async evaluate(script, key, values) {
      if (client.status === "wait" || client.status === "end") {
        reason = undefined;
        client.connect().catch(ignore);
      }
      try {
        return await client.eval(script, 1, key, ...values);
      } catch (error) {
        return rethrowClean(client.status === "end" ? (reason ?? error) : error);
      }
    },
    subscribe: (heard, lost) => subscribeWithIoredis(create(), heard, lost),
    renew() {
      client.disconnect();
    },
    close() {
      client.disconnect();
    },
  };
}

function subscribeWithIoredis(
  connection: IoredisSubscriber,
  heard: (app: string) => void,
  lost: () => void,
): Subscription {
  const events = connection as unknown as IoredisEvents;
  let reason: unknown;
  events.on("error", (error) => {
    reason ??= error;
  });
  events.on("connect", () => events.stream?.unref());
  events.on("message", (_, app) => {
    heard(app);
  });
  connection.on("end", lost);
  // A cluster would ask any of its connections.
  const isSingle = !("isCluster" in connection && connection.isCluster === true);
  let stop: (() => void) | undefined;
  return {
    subscribed: connection.subscribe(channel).then(
      () => (stop = watchLife(isSingle ? connection : {}, lost)),
      (error: unknown) => rethrowClean(reason ?? error),
    ),
    end() {
      stop?.();
      connection.disconnect();
    },
  };
}

interface IoredisEvents {
  on(event: "error", listener: (error: unknown) => void): unknown;
  on(event: "connect", listener: () => void): unknown;
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  /** Of a single connection; a cluster has several. */
  readonly stream?: { unref(): void };
}

function subscribeWithNodeRedis(
  connection: NodeRedisSubscriber,
  heard: (app: string) => void,
  lost: () => void,
): Subscription {
  const { unref, destroy, disconnect } = connection as {
    readonly unref?: () => void;
    readonly destroy?: () => void;
    readonly disconnect?: () => Promise<void>;
  };
  // It says no more than that when it does not connect again.
  connection.on("error", lost);
  connection.on("end", lost);
  unref?.call(connection);
  let stop: (() => void) | undefined;
  const open = async (): Promise<void> => {
    await connection.connect();
    await connection.subscribe(channel, heard);
    stop = watchLife(connection, lost);
  };
  // Before version 5 there is no `destroy`; after it, `disconnect` goes. Both mind a client that is closed already.
  const end = async (): Promise<void> => (destroy ?? disconnect)?.call(connection);
  return {
    subscribed: open(),
    end() {
      stop?.();
      void end().catch(ignore);
    },
  };
}

/**
 * Asks a subscription now and then whether it lives: its other end may be gone without a word, and then it would never
 * hear of anything again. One that has never answered says nothing by not answering: not every version of the clients
 * can ask while it subscribes.
 *
 * @returns Stops it.
 */
function watchLife(connection: { ping?(): Promise<unknown> }, lost: () => void): () => void {
  let cancel: (() => void) | undefined;
  let stopped = false;
  let hasAnswered = false;
  async function ask(): Promise<void> {
    if (connection.ping === undefined) return;
    try {
      await withTimeLimit(systemClock, answerLimit, connection.ping(), { ref: false });
      hasAnswered = true;
      if (!stopped) cancel = systemClock.after(askEvery, () => void ask());
    } catch {
      if (!stopped && hasAnswered) lost();
    }
  }
  void ask();
  return () => {
    stopped = true;
    cancel?.();
  };
}

/** An error of `ioredis` carries the command, and that of a refused AUTH the password. */
function rethrowClean(error: unknown): never {
  if (!(error instanceof Error) || !("command" in error)) throw error;
  const clean = new Error(error.message);
  clean.name = error.name;
  throw clean;
}

function ignore(): void {}

async function loadIoredis(): Promise<typeof import("ioredis").Redis> {
  try {
    return (await loadPackage("ioredis", () => import("ioredis"))).Redis;
  } catch (error) {
    throw clientUnavailable("ioredis", "A Redis store", error);
  }
}
