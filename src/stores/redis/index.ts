import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, show } from "../../core/errors.ts";
import type { Store, StoreRecord } from "../../core/ports.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { textOfBytes } from "../shared/bytes.ts";
import { storeClosed } from "../shared/failure.ts";
import { createSubscriber, type Subscriber } from "../shared/subscriber.ts";
import { parseAddress } from "./address.ts";
import { borrowClient, canSubscribe, connectByUrl, type RedisClient } from "./client.ts";
import { toFailure } from "./failure.ts";
import { redisReports } from "./reports.ts";
import { channel, keyOf, readRecord, writeRecord, type RedisSource } from "./scripts.ts";

export type {
  IoredisClient,
  IoredisSubscriber,
  NodeRedisClient,
  NodeRedisSubscriber,
  RedisClient,
} from "./client.ts";

interface RedisStoreSettings {
  /**
   * Learn of changes at once by SUBSCRIBE, on a second connection.
   * @default true
   */
  readonly subscribe?: boolean | undefined;
}

export interface RedisStoreWithClient extends RedisStoreSettings {
  /**
   * The app's client from `ioredis` or `redis` (connected), single or cluster. It is never closed here: close
   * it after the store.
   */
  readonly client: RedisClient;
  readonly url?: undefined;
}

export interface RedisStoreWithUrl extends RedisStoreSettings {
  /**
   * `redis://USER:PASSWORD@HOST:PORT/NUMBER`, or `rediss:` with TLS; `valkey:` and `valkeys:` are the same.
   * `?sslmode=no-verify` accepts any certificate, `?sslrootcert=FILE` verifies against that CA. Other
   * parameters are those of `ioredis`.
   */
  readonly url: string;
  readonly client?: undefined;
}

export type RedisStoreOptions = RedisStoreWithClient | RedisStoreWithUrl;

/** Milliseconds in which an operation settles, whatever the server does. */
const readLimit = 1000;
const writeLimit = 3500;

/** Abandoned commands that still wait in the client: while disconnected they would pile up. */
const maximumGivenUp = 4;

/**
 * Keeps the record in a hash of a Redis or Valkey server (5 or newer), named `intermission:` and the app,
 * without an expiry.
 *
 * **Not durable by default.** Redis answers before it has written to disk, unless it has `appendonly yes` and
 * `appendfsync always`; and a failover can lose what the replica does not have yet. For instances that have
 * seen a record, its loss counts as an unreachable store. An instance that starts afterwards knows no release
 * and masks nothing until the next is recorded.
 *
 * **Not for a cache.** With a `maxmemory-policy` of `allkeys-…`, Redis evicts the record when it needs
 * memory. Use `noeviction`, or one of `volatile-…`, which keeps keys without an expiry.
 *
 * @throws IntermissionError `bad-option`
 */
export function redisStore(options: RedisStoreOptions): Store {
  const openSource = toSource(options);
  let opening: Promise<RedisSource> | undefined;
  let subscriber: Subscriber | undefined;
  let givenUp = 0;
  let closed = false;

  function connect(): Promise<RedisSource> {
    opening ??= openSource().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function run(
    milliseconds: number,
    script: string,
    key: string,
    values: readonly string[],
  ): Promise<unknown> {
    if (closed) throw storeClosed();
    const source = await connect();
    if (givenUp >= maximumGivenUp) throw new Error("the client has not answered what it was asked before");
    const command = { settled: false, givenUp: false };
    const settle = (): void => {
      command.settled = true;
      if (command.givenUp) givenUp--;
    };
    const answer = (async () => source.evaluate(script, key, values))();
    answer.then(settle, settle);
    try {
      return await withTimeLimit(systemClock, milliseconds, answer);
    } catch (error) {
      if (!command.settled) {
        command.givenUp = true;
        givenUp++;
        source.renew();
      }
      throw error;
    }
  }

  const store: Store = {
    reports: redisReports({ run, toFailure }),

    async read(app, knownVersion, knownStart = "") {
      try {
        return toRecord(
          await run(readLimit, readRecord, keyOf(app), [String(knownVersion ?? -1), knownStart]),
        );
      } catch (error) {
        throw toFailure("could not be read", error);
      }
    },

    async write(app, value, expectedVersion, currentRelease) {
      const [expected, next] = [String(expectedVersion), String(expectedVersion + 1)];
      const values = [expected, next, value, currentRelease ?? "", channel, app];
      try {
        return Number(await run(writeLimit, writeRecord, keyOf(app), values)) === 1;
      } catch (error) {
        throw toFailure("could not be written", error);
      }
    },

    async close() {
      if (closed) return;
      closed = true;
      subscriber?.close();
      (await opening?.catch(() => undefined))?.close();
    },
  };

  if (options.subscribe === false || (options.client !== undefined && !canSubscribe(options.client))) {
    return store;
  }
  return {
    ...store,
    async watch(app, changed) {
      if (closed) throw storeClosed();
      subscriber ??= createSubscriber(async () => {
        const { subscribe } = await connect();
        if (subscribe === undefined) throw new Error("the client can't be duplicated");
        return subscribe;
      }, systemClock);
      try {
        return await subscriber.watch(app, changed);
      } catch (error) {
        throw toFailure("could not be subscribed to", error);
      }
    },
  };
}

function toSource(options: RedisStoreOptions): () => Promise<RedisSource> {
  const { client, url } = options as { readonly client?: unknown; readonly url?: unknown };
  const expected =
    "either client, of the package ioredis or redis, or url, such as redis://USER:PASSWORD@HOST:6379/0";
  if (client !== undefined && url === undefined) {
    if (isClient(client)) return async () => borrowClient(client);
    throw new IntermissionError("bad-option", {
      problem: "The client of the Redis store can't be used",
      expected,
      got: show(client),
    });
  }
  if (client === undefined && typeof url === "string") {
    const address = parseAddress(url.trim());
    return () => connectByUrl(address);
  }
  throw new IntermissionError("bad-option", {
    problem: "The options of the Redis store can't be used",
    expected,
    got: client === undefined ? show(url) : "both",
  });
}

function isClient(client: unknown): client is RedisClient {
  return (
    typeof client === "object" && client !== null && "eval" in client && typeof client.eval === "function"
  );
}

function toRecord(answer: unknown): StoreRecord {
  const [version, value, seconds, microseconds] = answer as readonly unknown[];
  const now = Number(seconds) * 1000 + Number(microseconds) / 1000;
  if (version === null || version === undefined) return { version: 0, now };
  const number = Number(version);
  if (!Number.isSafeInteger(number)) throw new Error("the key holds a hash that is not a record");
  // Some apps configure their client to return bytes.
  const text = textOfBytes(value) ?? value;
  return typeof text === "string"
    ? { version: number, value: text, now }
    : { version: number, unchanged: true, now };
}
