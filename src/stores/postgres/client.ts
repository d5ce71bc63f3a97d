import { clientUnavailable, loadPackage, rethrow, sharesPool } from "../shared/failure.ts";
import type { PostgresAddress } from "./address.ts";
import {
  checkOut,
  connectOneByOne,
  maximumConnections,
  outliveIdleErrors,
  poolSettings,
  type ListenClient,
  type OwnPool,
  type PostgresPool,
  type PostgresSource,
} from "./pool.ts";

/**
 * The store's own small pool.
 *
 * @throws IntermissionError `client-missing`
 */
export async function connectByUrl(address: PostgresAddress): Promise<PostgresSource> {
  const { Pool, Client } = await loadPostgres();
  const [first = { host: "", port: undefined }] = address.hosts;
  const pool = new Pool({
    ...poolSettings,
    ...address.client,
    ...toHostSettings(first),
    ...toTlsSettings(first.host, address.client.ssl),
  });
  const mustChoose = address.hosts.length > 1 || address.tlsOptional;
  const choose = async (): Promise<void> => {
    if (mustChoose) Object.assign(pool.options, await chooseServer(address, Client));
  };
  return {
    ...connectOneByOne(pool, maximumConnections, choose),
    ...(address.pooled ? { noListener: "pgbouncer=true in its URL" } : {}),
    close: () => pool.end(),
  };
}

interface HostSettings {
  readonly host?: string;
  readonly port?: number;
}

function toHostSettings({ host, port }: PostgresAddress["hosts"][number]): HostSettings {
  return { ...(host === "" ? {} : { host }), ...(port === undefined ? {} : { port }) };
}

/** Before 8.17 `pg` compares the certificate with `localhost` if the host is an address. */
function toTlsSettings(
  host: string | undefined,
  ssl: PostgresAddress["client"]["ssl"],
): Pick<PostgresAddress["client"], "ssl"> {
  if (ssl === undefined) return {};
  return { ssl: ssl === false || host === undefined || host === "" ? ssl : Object.assign({ host }, ssl) };
}

/** Milliseconds in which one of several servers must answer to be chosen. */
const chooseLimit = 1500;

/**
 * Asks every host at once and takes the first that accepts writes, else the first that answers.
 *
 * @throws Error from the first host if none can be used
 */
async function chooseServer(
  { hosts, client: settings, tlsOptional, primaryOnly }: PostgresAddress,
  Client: typeof import("pg").Client,
): Promise<HostSettings & { readonly ssl?: PostgresAddress["client"]["ssl"] }> {
  async function ask(host: HostSettings, ssl: PostgresAddress["client"]["ssl"]) {
    const tls = toTlsSettings(host.host, ssl);
    const client = new Client({ ...settings, ...host, ...tls, connectionTimeoutMillis: chooseLimit });
    client.on("error", ignore);
    try {
      await client.connect();
      if (hosts.length === 1) return { host, tls, isReplica: false };
      const text = "select pg_is_in_recovery() as replica";
      const { rows } = await client.query<{ replica: boolean }>({ text, query_timeout: chooseLimit } as {
        text: string;
      });
      return { host, tls, isReplica: rows[0]?.replica === true };
    } finally {
      client.end().catch(ignore);
    }
  }
  const answers = await Promise.allSettled(
    hosts.map(toHostSettings).map((host) =>
      ask(host, settings.ssl).catch((error: unknown) => {
        if (!tlsOptional || !(error instanceof Error) || !error.message.includes("does not support SSL"))
          throw error;
        return ask(host, false);
      }),
    ),
  );
  const reached = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const chosen = reached.find(({ isReplica }) => !isReplica) ?? (primaryOnly ? undefined : reached[0]);
  if (chosen !== undefined) return { ...chosen.host, ...chosen.tls };
  if (reached.length > 0) throw new Error("none of the hosts can be written: all are replicas");
  throw answers.find((answer) => answer.status === "rejected")?.reason ?? new Error("no host answered");
}

/**
 * A separate connection with the settings of the app's pool: a read must not queue behind the app's queries,
 * which a deploy slows down. Undefined: this pool does not reveal how to make another.
 */
export function connectLike(pool: PostgresPool): PostgresSource | undefined {
  const { options, Client, constructor } = pool as {
    readonly options?: unknown;
    readonly Client?: unknown;
    readonly constructor?: unknown;
  };
  if (typeof options !== "object" || options === null || typeof pool.connect !== "function") return undefined;
  if (typeof constructor !== "function" || constructor === Object) return undefined;
  try {
    // `pg` makes the password non-enumerable.
    const { password } = options as { readonly password?: unknown };
    const settings = { ...options, ...(password === undefined ? {} : { password }), ...poolSettings, max: 2 };
    const own = Reflect.construct(constructor, [settings, Client]) as Partial<OwnPool>;
    if (!isOwnPool(own)) return undefined;
    return { ...connectOneByOne(own, 2), close: () => own.end() };
  } catch {
    return undefined;
  }
}

function isOwnPool(pool: Partial<OwnPool>): pool is OwnPool {
  return (
    typeof pool.connect === "function" &&
    typeof pool.query === "function" &&
    typeof pool.end === "function" &&
    typeof pool.on === "function" &&
    typeof pool.idleCount === "number" &&
    typeof pool.totalCount === "number"
  );
}

/** The app's pool: used, never closed. */
export function borrowPool(pool: PostgresPool, { reserve }: { readonly reserve: boolean }): PostgresSource {
  const stop = outliveIdleErrors(pool);
  const { options } = pool as { readonly options?: { readonly max?: unknown } };
  const max = typeof options?.max === "number" ? options.max : undefined;
  const canReserve = reserve && max !== undefined && max > 1 && pool.connect !== undefined;
  const reserved = canReserve ? reserveOne(pool) : undefined;
  return {
    pool: reserved ?? pool,
    listenClient: () => checkOut(pool),
    ...(max === 1 ? { noListener: "a pool of one connection, which the app needs" } : {}),
    ...(reserve && reserved === undefined ? { notice: sharesPool("PostgreSQL", "pg") } : {}),
    async close() {
      reserved?.close();
      stop();
    },
  };
}

/** Reserves one connection of the app's pool for reads and writes, one after the other. */
function reserveOne(pool: PostgresPool): Pick<PostgresPool, "query"> & { close(): void } {
  let line: ListenClient | undefined;
  let busy = false;
  let closed = false;
  return {
    async query(query) {
      if (busy) return pool.query(query);
      busy = true;
      try {
        line ??= await checkOut(pool);
        line.client.unref?.();
        return await line.client.query(query);
      } catch (error) {
        // PostgreSQL's errors have a severity, network errors none.
        if (!(error instanceof Error && "severity" in error)) {
          line?.end();
          line = undefined;
        }
        throw error;
      } finally {
        busy = false;
        if (closed) line?.end();
      }
    },
    close() {
      closed = true;
      if (busy) line?.end();
      else line?.putBack();
    },
  };
}

function ignore(): void {}

async function loadPostgres(): Promise<typeof import("pg")> {
  try {
    const module = await loadPackage("pg", () =>
      import(/* webpackIgnore: true */ /* turbopackIgnore: false */ "pg").catch(rethrow),
    );
    // Before 8.15 `pg` is only CommonJS, with its names on the default export.
    return "Pool" in module ? module : (module as { readonly default: typeof import("pg") }).default;
  } catch (error) {
    throw clientUnavailable("pg", "A PostgreSQL store", error);
  }
}
