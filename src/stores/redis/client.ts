import { clientUnavailable, loadPackage, rethrow } from "../shared/failure.ts";
import type { Subscription } from "../shared/subscriber.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { systemClock } from "../../core/runtime.ts";
import type { Redis, RedisOptions } from "ioredis";
import type { RedisAddress, RedisHost } from "./address.ts";
import { connectToCluster, type ClusterMember } from "./cluster.ts";
import { channel, type RedisSource } from "./scripts.ts";

/** The part of an `ioredis` client, Redis or Cluster, that the store uses. */
export interface IoredisClient {
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Tells an `ioredis` client from one of `redis`; never called. */
  defineCommand(name: string, definition: { readonly lua: string }): void;
  /** Only for `subscribe`. */
  duplicate?(): IoredisSubscriber;
}

/** The part of an `ioredis` client used for subscribing. */
export interface IoredisSubscriber {
  subscribe(channel: string): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  disconnect(): void;
  /** On a single connection: checks that it is alive. */
  ping?(): Promise<unknown>;
}

/** The part of a `redis` (node-redis) client, single, pool or cluster, that the store uses. */
export interface NodeRedisClient {
  eval(script: string, options: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown>;
  /** Only for `subscribe`. */
  duplicate?(): NodeRedisSubscriber;
}

/** The part of a `redis` client used for subscribing. */
export interface NodeRedisSubscriber {
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  /** Checks that it is alive. */
  ping?(): Promise<unknown>;
}

export type RedisClient = IoredisClient | NodeRedisClient;

/** Milliseconds until a connection attempt is given up. */
const connectLimit = 2000;

/** Milliseconds between checks that a subscription is alive, and for their answers. */
const askEvery = 5000;
const answerLimit = 2000;

/** The app's client: used, never closed. */
export function borrowClient(client: RedisClient): RedisSource {
  return "defineCommand" in client ? borrowIoredis(client) : borrowNodeRedis(client);
}

export function canSubscribe(client: RedisClient): boolean {
  return typeof client.duplicate === "function";
}

function borrowIoredis(client: IoredisClient): RedisSource {
  // With `retryStrategy: null` it ends with its connection, and no retry keeps the process alive.
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
 * The store's own client, from the package `ioredis`.
 *
 * @throws IntermissionError `client-missing`
 */
export async function connectByUrl({ url, tls, sentinel, cluster }: RedisAddress): Promise<RedisSource> {
  const Redis = await loadIoredis();
  const options = {
    ...(tls === undefined ? {} : { tls }),
    lazyConnect: true,
    connectTimeout: connectLimit,
    keepAlive: 10_000,
    // Reconnects on the next call, so that the reason of a failure is known at once.
    retryStrategy: null,
    // A server that is loading its data says so itself.
    enableReadyCheck: false,
    autoResubscribe: false,
    connectionName: "intermission",
    disableClientInfo: true,
    protocol: 2,
  } satisfies RedisOptions;
  if (cluster !== undefined)
    return connectToCluster(cluster, (host) => connect(() => new Redis(urlOf(host, url), options)));
  if (sentinel === undefined) return connect(() => new Redis(url, options));
  const { name, hosts, user, password } = sentinel;
  const sentinels = {
    sentinels: [...hosts],
    name,
    // All were asked once: the next call asks again.
    sentinelRetryStrategy: () => null,
    ...(user === undefined ? {} : { sentinelUsername: user }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls }),
  } satisfies RedisOptions;
  return connect(() => new Redis(url, { ...options, ...sentinels }));
}

/** The same user and password, on another server: `ioredis` prefers what the URL says. */
function urlOf({ host, port }: RedisHost, url: string): string {
  const [credentials = ""] = /[^/]*@/.exec(url) ?? [];
  return `redis://${credentials}${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}

function connect(create: () => Redis): ClusterMember {
  const client = create();
  let reason: unknown;
  // Without a listener `ioredis` prints errors to the console.
  client.on("error", (error: unknown) => {
    // Later errors only follow from the first.
    reason ??= error;
  });
  client.on("connect", () => client.stream.unref());

  return {
    async evaluate(script, key, values, asking = false) {
      if (client.status === "wait" || client.status === "end") {
        reason = undefined;
        client.connect().catch(ignore);
      }
      try {
        if (!asking) return await client.eval(script, 1, key, ...values);
        const answers = await client
          .pipeline()
          .call("ASKING")
          .eval(script, 1, key, ...values)
          .exec();
        const [error, answer] = answers?.[1] ?? [new Error("the connection was closed")];
        if (error) throw error;
        return answer;
      } catch (error) {
        // After a failover: whoever is asked for the server on the next call names the new one.
        if (error instanceof Error && error.message.startsWith("READONLY")) client.disconnect();
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
  /** For a single connection; a cluster has several. */
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
  // If it won't reconnect, this is all it reports.
  connection.on("error", lost);
  connection.on("end", lost);
  unref?.call(connection);
  let stop: (() => void) | undefined;
  const open = async (): Promise<void> => {
    await connection.connect();
    await connection.subscribe(channel, heard);
    stop = watchLife(connection, lost);
  };
  // Before version 5 there is no `destroy`; after it, `disconnect` is gone. Both throw if the client is
  // already closed.
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
 * Checks now and then that a subscription is alive: if its other end vanished silently, it would never hear
 * of anything again. If it has never answered, no answer means nothing: not every client version can ask
 * while it subscribes.
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

/** `ioredis` attaches the command to an error; for a refused AUTH that includes the password. */
function rethrowClean(error: unknown): never {
  if (!(error instanceof Error) || !("command" in error)) throw error;
  const clean = new Error(error.message);
  clean.name = error.name;
  throw clean;
}

function ignore(): void {}

async function loadIoredis(): Promise<typeof import("ioredis").Redis> {
  const load = () => import(/* webpackIgnore: true */ /* turbopackIgnore: false */ "ioredis").catch(rethrow);
  try {
    return (await loadPackage("ioredis", load)).Redis;
  } catch (error) {
    throw clientUnavailable("ioredis", "A Redis store", error);
  }
}
