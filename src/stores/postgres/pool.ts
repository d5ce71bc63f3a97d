import { systemClock } from "../../core/runtime.ts";

/** A `pg` query. */
export interface PostgresQuery {
  readonly text: string;
  /** Milliseconds after which `pg` drops the connection. */
  readonly query_timeout?: number;
}

/** The part of a `pg` Pool that the store uses. */
export interface PostgresPool {
  query(query: PostgresQuery): Promise<unknown>;
  /** Calls back in the same turn in which the connection leaves the pool, as `pg` does. */
  connect?(callback: (error: Error | undefined, client: PostgresPoolClient | undefined) => void): unknown;
  on?(event: "error", listener: (error: Error) => void): unknown;
  off?(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of a `pg` Client that the store listens with. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<unknown>;
  on(event: "notification", listener: (message: PostgresNotification) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  unref?(): void;
}

export interface PostgresPoolClient extends PostgresClient {
  off(event: "error", listener: (error: Error) => void): unknown;
  release(destroy?: boolean): void;
}

export interface PostgresNotification {
  readonly channel: string;
  readonly payload?: string | undefined;
}

export interface PostgresSource {
  readonly pool: Pick<PostgresPool, "query">;
  /** Takes a connection out of the pool for a listener: that of the last read, if it is idle. */
  listenClient(): Promise<ListenClient>;
  /** Why there can be no listener. */
  readonly noListener?: string;
  /** A problem to warn about. */
  readonly notice?: string;
  close(): Promise<void>;
}

export interface ListenClient {
  readonly client: PostgresClient;
  /** Drops the connection, whatever its state. Can be repeated. */
  end(): void;
  /** Returns it to the pool: nothing lasting was done on it. */
  putBack(): void;
}

/** A `pg` Pool that the store made. */
export interface OwnPool extends PostgresPool {
  readonly idleCount: number;
  readonly totalCount: number;
  end(): Promise<void>;
}

/**
 * Milliseconds until a connection attempt is given up. Much longer than anybody waits: when a thousand
 * instances return to a server at once, each abandoned attempt doubles its work.
 */
const connectLimit = 3000;
/**
 * After a whole {@link connectLimit} of silence, a second attempt starts beside the first after so many
 * milliseconds: the server is not just slow, and when it is back, an instance must know within two seconds.
 */
const tryAnewAfter = 1200;
/** One that listens and two more, so that one waiting for a lock does not block the other. */
export const maximumConnections = 3;
/**
 * Milliseconds after which an idle connection is closed. Well above the time between two reads: without
 * LISTEN each of them would have to reconnect.
 */
const idleLimit = 30_000;

export const poolSettings = {
  connectionTimeoutMillis: connectLimit,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  max: maximumConnections,
  min: 0,
  idleTimeoutMillis: idleLimit,
  allowExitOnIdle: true,
};

/**
 * Opens one connection at a time. Otherwise each read would ask a slow server for another, and all instances
 * together would never let it catch up.
 *
 * @param choose Called before each connection; chooses one of several servers.
 */
export function connectOneByOne(
  pool: OwnPool,
  maximum: number,
  choose: () => Promise<void> = async () => {},
): Pick<PostgresSource, "pool" | "listenClient"> {
  interface Attempt {
    readonly since: number;
    done: Promise<void>;
  }
  let attempt: Attempt | undefined;
  let isSilent = false;

  function begin(): Attempt {
    const begun: Attempt = { since: systemClock.now(), done: Promise.resolve() };
    const connect = async (): Promise<void> => {
      try {
        await choose();
        (await checkOut(pool)).putBack();
        isSilent = false;
      } catch (error) {
        isSilent = systemClock.now() - begun.since >= connectLimit;
        throw error;
      } finally {
        if (attempt === begun) attempt = undefined;
      }
    };
    begun.done = connect();
    return begun;
  }

  async function connectFirst(): Promise<void> {
    if (pool.idleCount > 0) return;
    const isFull = pool.totalCount >= maximum;
    if (attempt === undefined) {
      if (isFull) return;
      attempt = begin();
    } else if (isSilent && !isFull && systemClock.now() - attempt.since >= tryAnewAfter) {
      attempt = begin();
    }
    await attempt.done;
  }

  outliveIdleErrors(pool);
  return {
    pool: {
      async query(query) {
        const askedAt = systemClock.now();
        await connectFirst();
        // Nobody waits for the answer any more, but others may wait for the connection.
        if (systemClock.now() - askedAt >= (query.query_timeout ?? Number.POSITIVE_INFINITY)) {
          throw new Error("the connection came too late");
        }
        return pool.query(query);
      },
    },
    async listenClient() {
      await connectFirst();
      return checkOut(pool);
    },
  };
}

/**
 * Between reads the pool keeps an idle connection. If the server ends it while nobody listens for the error,
 * `pg` would end the app.
 */
export function outliveIdleErrors(pool: Pick<PostgresPool, "on" | "off">): () => void {
  pool.on?.("error", ignore);
  return () => void pool.off?.("error", ignore);
}

/**
 * A connection taken out lacks the pool's error listener from that very turn on, and a server that goes down
 * may say so in the same bytes in which it says that it is ready. A promise would be too late.
 */
export function checkOut(pool: Pick<PostgresPool, "connect">): Promise<ListenClient> {
  return new Promise((resolve, reject) => {
    if (pool.connect === undefined) throw new Error("the pool has no method connect");
    pool.connect((error, client) => {
      if (client === undefined) {
        reject(error ?? new Error("the pool gave no connection"));
        return;
      }
      client.on("error", ignore);
      resolve(toListenClient(client));
    });
  });
}

function toListenClient(client: PostgresPoolClient): ListenClient {
  let released = false;
  const release = (destroy: boolean): void => {
    // A second release throws.
    if (released) return;
    released = true;
    client.release(destroy);
    client.off("error", ignore);
  };
  return {
    client,
    end() {
      // In the pool it would go on listening.
      release(true);
    },
    putBack() {
      release(false);
    },
  };
}

function ignore(): void {}
