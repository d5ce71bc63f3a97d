import { IntermissionError, keepsNoReports, show, storeClosed } from "../core/errors.ts";
import type { Store } from "../core/ports.ts";
import { findBuiltIn, requireModule } from "../core/runtime.ts";
import { toAddress } from "./http/address.ts";
import { parseAddress as parseMysql } from "./mysql/address.ts";
import { parseAddress as parsePostgres } from "./postgres/address.ts";
import { parseAddress as parseRedis } from "./redis/address.ts";
import { isStoreModule, redactUrl, toLocalPath } from "./shared/url.ts";

export { redactUrl };

/** What its URLs begin with, and what opens them. */
interface StoreScheme {
  /** Loads the store's code, and its client's package, only if a store of its scheme is used. */
  readonly load: (url: string, push: boolean) => Promise<Store>;
  /** The URL parameter that turns push off. It is ours: the client's package does not see it. */
  readonly push?: string;
  /** Throws `bad-option` at once for a URL that the store can't use. */
  readonly check?: (url: string) => void;
  /** What follows the scheme. `URL` can't parse several servers, divided by commas. */
  readonly names: "path" | "server" | "servers";
}

const sqlite: StoreScheme = {
  names: "path",
  check: toSqliteOptions,
  load: async (url) => (await import("./sqlite/index.ts")).sqliteStore(toSqliteOptions(url)),
};
const postgres: StoreScheme = {
  names: "servers",
  check: parsePostgres,
  push: "listen",
  load: async (url, listen) => (await import("./postgres/index.ts")).postgresStore({ url, listen }),
};
const mysql: StoreScheme = {
  names: "server",
  check: parseMysql,
  load: async (url) => (await import("./mysql/index.ts")).mysqlStore({ url }),
};
const redis: StoreScheme = {
  names: "servers",
  check: parseRedis,
  push: "subscribe",
  load: async (url, subscribe) => (await import("./redis/index.ts")).redisStore({ url, subscribe }),
};
const nats: StoreScheme = {
  names: "servers",
  push: "watch",
  load: async (url, watch) => (await import("./nats/index.ts")).natsStore({ url, watch }),
};
const etcd: StoreScheme = {
  names: "servers",
  push: "watch",
  load: async (url, watch) => (await import("./etcd/index.ts")).etcdStore({ url, watch }),
};
const http: StoreScheme = {
  names: "server",
  check: (url) => {
    toAddress({ url });
  },
  load: async (url) => (await import("./http/index.ts")).httpStore({ url }),
};

const schemes: Readonly<Record<string, StoreScheme>> = {
  "memory:": { names: "path", load: async () => (await import("./memory/index.ts")).memoryStore() },
  "sqlite:": sqlite,
  "postgres:": postgres,
  "postgresql:": postgres,
  "mysql:": mysql,
  "mariadb:": mysql,
  "redis:": redis,
  "rediss:": redis,
  "valkey:": redis,
  "valkeys:": redis,
  "redis+sentinel:": redis,
  "rediss+sentinel:": redis,
  "valkey+sentinel:": redis,
  "valkeys+sentinel:": redis,
  "redis+cluster:": redis,
  "rediss+cluster:": redis,
  "valkey+cluster:": redis,
  "valkeys+cluster:": redis,
  "nats:": nats,
  "tls:": nats,
  "etcd:": etcd,
  "etcds:": etcd,
  "http:": http,
  "https:": http,
};

const expected =
  "memory:, sqlite:PATH, a module such as ./store.mjs, https://:TOKEN@HOST/PATH, or postgres://, mysql://, redis://, nats:// or etcd:// with USER:PASSWORD@HOST/DATABASE";

/**
 * The store that a URL names. Nothing is loaded or connected before the first use; an invalid URL throws at
 * once.
 *
 * @param url `memory:`, `sqlite:PATH`, `postgres://…`, `postgresql://…`, `mysql://…`, `mariadb://…`,
 * `redis://…`, `rediss://…`, `valkey://…`, `valkeys://…`, each of these four also with `+sentinel` or
 * `+cluster` after its scheme's name, `nats://…`, `etcd://…`, `etcds://…`, `https://…`, `http://…`, or a
 * module that exports a store, such as `./store.mjs`. PATH is taken literally, without percent-encoding;
 * `sqlite:///var/lib/app.db` is `/var/lib/app.db`. `?listen=false` turns push off for PostgreSQL,
 * `?subscribe=false` for Redis.
 * @throws IntermissionError `bad-option`
 */
export function openStore(url: string): Store {
  return lazyStore(toLoader(url.trim()), redactUrl(url));
}

/** Characters; certificates in a URL are some thousands each. */
const longestUrl = 65_536;

function toLoader(url: string): () => Promise<Store> {
  if (url.length > longestUrl) {
    throw bad(
      url,
      `Shorten it to ${String(longestUrl)} characters: certificates can be files that it names.`,
    );
  }
  if (isStoreModule(url)) {
    // Now, because the working directory may change later.
    const href = moduleHref(url);
    return async () => (await import("./module.ts")).loadStoreModule(url, href);
  }
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase() ?? "";
  const found = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
  if (found === undefined) {
    throw bad(
      url,
      "Set MAINTENANCE_STORE to one of these: it goes before DATABASE_URL, which is your app's own.".concat(
        scheme === "file:" ? " For a file of SQLite write sqlite: in place of file:." : "",
      ),
    );
  }
  const isUrl = url.slice(scheme.length).startsWith("//") && (found.names === "servers" || URL.canParse(url));
  if (found.names !== "path" && !isUrl) {
    throw bad(
      url,
      "Percent-encode special characters in the user name and the password, such as @ : / # ? %.",
    );
  }
  const { push, rest } = found.push === undefined ? { push: true, rest: url } : takePush(url, found.push);
  found.check?.(rest);
  return () => found.load(rest, push);
}

/** What the URL says about push, and the rest of the URL, unchanged. */
function takePush(url: string, parameter: string): { readonly push: boolean; readonly rest: string } {
  const queryAt = url.indexOf("?");
  if (queryAt === -1) return { push: true, rest: url };
  const pairs = url.slice(queryAt + 1).split("&");
  const own = pairs.filter((pair) => pair.startsWith(`${parameter}=`));
  const others = pairs.filter((pair) => !own.includes(pair));
  const values = own.map((pair) => pair.slice(parameter.length + 1));
  if (!values.every((value) => value === "true" || value === "false")) {
    throw bad(url, `Write ${parameter}=false to do without push, or leave ${parameter} out.`);
  }
  const base = url.slice(0, queryAt);
  return {
    push: !values.includes("false"),
    rest: others.length === 0 ? base : `${base}?${others.join("&")}`,
  };
}

function moduleHref(reference: string): string {
  if (/^file:/i.test(reference)) {
    // `file:./store.mjs` is not a valid file URL, but its meaning is plain.
    if (/^file:\/\/\//i.test(reference) && URL.canParse(reference)) return reference;
    return moduleHref(reference.replace(/^file:(?:\/\/(?!\/))?/i, ""));
  }
  const { pathToFileURL } = findBuiltIn("node:url") as typeof import("node:url");
  return pathToFileURL(requireModule("node:path").resolve(reference)).href;
}

function toSqliteOptions(url: string): { readonly path: string; readonly group: boolean } {
  const [, path = "", group] =
    /^(?:\/\/)?(.*?)(?:\?group=(true|false))?$/s.exec(url.slice("sqlite:".length)) ?? [];
  if (path === "") throw bad(url, "Name a file: sqlite:.intermission/state.db.");
  if (path === ":memory:") throw bad(url, "For a store in memory use memory:. Other processes don't see it.");
  if (path.includes("?")) throw bad(url, "A SQLite store has one parameter: group=true. Leave others out.");
  return { path: toLocalPath(path), group: group === "true" };
}

function bad(url: string, remedy: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "The store URL can't be used",
    expected,
    got: url === "" ? "an empty one" : show(redactUrl(url)),
    remedy,
  });
}

function lazyStore(load: () => Promise<Store>, address: string): Store {
  let loading: Promise<Store> | undefined;
  let loaded: Store | undefined;
  let closed = false;

  async function store(): Promise<Store> {
    if (closed) throw storeClosed();
    loading ??= load();
    try {
      loaded = await loading;
      return loaded;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  }

  return {
    get place() {
      return loaded?.place ?? address;
    },
    async read(app, knownVersion, knownStart) {
      return (await store()).read(app, knownVersion, knownStart);
    },
    async write(app, value, expectedVersion, currentRelease) {
      return (await store()).write(app, value, expectedVersion, currentRelease);
    },
    async watch(app, changed) {
      const opened = await store();
      return (await opened.watch?.(app, changed)) ?? (async () => {});
    },
    async migrate() {
      await (await store()).migrate?.();
    },
    reports: {
      async put(app, id, value, keepFor) {
        // A module's store need not keep reports: then nothing is put.
        await (await store()).reports?.put(app, id, value, keepFor);
      },
      async list(app, within) {
        const { reports } = await store();
        if (reports === undefined) throw keepsNoReports();
        return reports.list(app, within);
      },
    },
    async close() {
      closed = true;
      const opened = await loading?.catch(() => undefined);
      await opened?.close();
    },
  } satisfies Store;
}
