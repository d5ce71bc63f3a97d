import { systemClock } from "../../core/runtime.ts";

/** A query as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string;
  /** Milliseconds after which `pg` gives the connection up. */
  readonly query_timeout?: number;
}

/** The part of a `pg` Pool that the store uses. */
export interface PostgresPool {
  query(query: PostgresQuery): Promise<unknown>;
  /** Calls back in the turn in which the connection is taken out of the pool, as `pg` does. */
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

/** Where connections come from. */
export interface PostgresSource {
  readonly pool: Pick<PostgresPool, "query">;
  /** Takes a connection out of the pool, for one listener alone: the one of the last read, if it is idle. */
  listenClient(): Promise<ListenClient>;
  /** Why there can be no listener. */
  readonly noListener?: string;
  /** What is doubtful about it, for a warning. */
  readonly notice?: string;
  close(): Promise<void>;
}

export interface ListenClient {
  readonly client: PostgresClient;
  /** Gives the connection up, whatever its state. May be called twice. */
  end(): void;
  /** Lets others have it: nothing was asked on it that lasts. */
  putBack(): void;
}

/** A `pg` Pool that the store made. */
export interface OwnPool extends PostgresPool {
  readonly idleCount: number;
  readonly totalCount: number;
  end(): Promise<void>;
}

/**
 * Milliseconds until a connection that was not made is given up. Much longer than anybody waits for it: to a server to
 * which a thousand instances come back at once, each that is given up and begun anew is work done twice.
 */
const connectLimit = 3000;
/**
 * Milliseconds after which another one is tried beside it, once a whole {@link connectLimit} has passed without a word:
 * that is no server which is slow to catch up, and when it is back, an instance must know within two seconds.
 */
const tryAnewAfter = 1200;
/** One that listens, and two more: one that waits for a lock must not stop the other. */
export const maximumConnections = 3;
/**
 * Milliseconds after which a connection that nobody uses is given back. Well above the time between two reads: without
 * LISTEN each of them would have to connect anew.
 */
const idleLimit = 30_000;

export const poolSettings = {
  application_name: "intermission",
  connectionTimeoutMillis: connectLimit,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  max: maximumConnections,
  min: 0,
  idleTimeoutMillis: idleLimit,
  allowExitOnIdle: true,
};

/**
 * Makes one connection at a time. A server that is slow to take connections would else be asked for another with each
 * read, and those of all instances together would keep it from ever catching up.
 *
 * @param choose Called before each connection: of several servers, it chooses one.
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
 * Between two reads the pool keeps an idle connection. Should the server end it while nobody listens for the error, `pg`
 * would end the app.
 */
export function outliveIdleErrors(pool: Pick<PostgresPool, "on" | "off">): () => void {
  pool.on?.("error", ignore);
  return () => void pool.off?.("error", ignore);
}

/**
 * A connection that was taken out is without the pool's own listener for errors from that very turn on, and a server
 * that goes down may say so in the same bytes in which it says that it is ready: a promise would come too late.
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
      // It would go on to listen.
      release(true);
    },
    putBack() {
      release(false);
    },
  };
}

function ignore(): void {}
