/*
 * What documents say about each store and each format of the page, in addition to what the code says. If you
 * add one and forget it here, the lists' test tells you.
 */

export interface StoreRow {
  readonly title: string;
  /** The schemes that open it, the usual one first. */
  readonly schemes: readonly string[];
  /** More schemes, which the store's own part of docs/stores.md explains. */
  readonly alike?: readonly string[];
  readonly url: string;
  readonly parameters: string;
  readonly needs: string;
  /** When it tells instances of a change. */
  readonly push: string;
  readonly suits: string;
}

const manyMachines = "instances on many machines";
const atOnce = "at once, by";
const polled = "no, it is read every 10 seconds and when there is an error";

/** By folder of src/stores. */
export const stores: Readonly<Record<string, StoreRow>> = {
  postgres: {
    title: "PostgreSQL",
    schemes: ["postgres:", "postgresql:"],
    url: "postgres://USER:PASSWORD@HOST:PORT/DATABASE",
    parameters: "as `pg` takes them, such as `sslmode`; `schema`; `listen=false`: without push",
    needs: "the package `pg` 8.7 or newer",
    push: `${atOnce} LISTEN`,
    suits: `${manyMachines}; needs the package \`pg\``,
  },
  mysql: {
    title: "MySQL, MariaDB",
    schemes: ["mysql:", "mariadb:"],
    url: "mysql://USER:PASSWORD@HOST:PORT/DATABASE",
    parameters:
      "`ssl-mode` (`REQUIRED`, `VERIFY_CA`, `VERIFY_IDENTITY`), `ssl` as `mysql2` takes it, `socketPath`",
    needs: "the package `mysql2` 3 or newer",
    push: polled,
    suits: `${manyMachines}; needs the package \`mysql2\``,
  },
  redis: {
    title: "Redis, Valkey",
    schemes: ["redis:", "rediss:", "valkey:", "valkeys:"],
    alike: ["redis", "rediss", "valkey", "valkeys"].flatMap((scheme) => [
      `${scheme}+sentinel:`,
      `${scheme}+cluster:`,
    ]),
    url: "redis://USER:PASSWORD@HOST:PORT/NUMBER",
    parameters:
      "as `ioredis` takes them; `subscribe=false`: without push; [several servers](stores.md#redis-and-valkey)",
    needs: "the package `ioredis` 5.3 or newer, or your own client of `redis` 4.1 or newer",
    push: `${atOnce} SUBSCRIBE`,
    suits: `${manyMachines}; needs the package \`ioredis\`, and a server that is not a cache`,
  },
  nats: {
    title: "NATS JetStream",
    schemes: ["nats:", "tls:"],
    url: "nats://USER:PASSWORD@HOST:PORT/BUCKET",
    parameters: "`tls=true`, `ca`, `cert`, `key`, `replicas`; `watch=false`: without push",
    needs: "the package `@nats-io/transport-node` 3 or newer, or `nats` 2",
    push: `${atOnce} a consumer of JetStream`,
    suits: `${manyMachines}; needs the package \`@nats-io/transport-node\``,
  },
  etcd: {
    title: "etcd",
    schemes: ["etcd:", "etcds:"],
    url: "etcd://USER:PASSWORD@HOST:PORT/PREFIX",
    parameters: "`ca`, `cert`, `key`; `watch=false`: without push",
    needs: "no package; or your own client of `etcd3`",
    push: `${atOnce} a watch`,
    suits: `${manyMachines}; needs no package`,
  },
  sqlite: {
    title: "SQLite",
    schemes: ["sqlite:"],
    url: "sqlite:PATH",
    parameters: "`group=true`: a new file is its group's too; PATH is taken as it stands",
    needs: "Node 22.13 or newer, Bun or Deno; else the package `libsql`",
    push: "within a second: its file is watched",
    suits: "instances on one machine; on Node 20 it needs the package `libsql`",
  },
  http: {
    title: "HTTP",
    schemes: ["https:", "http:"],
    url: "https://:TOKEN@HOST/PATH",
    parameters: "`unencrypted=true`: `http:` to other machines too",
    needs: "a server with [the handler](stores.md#http), and `fetch`",
    push: polled,
    suits: "instances that can't reach a database; [its other side](stores.md#http) is yours",
  },
  memory: {
    title: "Memory",
    schemes: ["memory:"],
    url: "memory:",
    parameters: "none",
    needs: "nothing",
    push: "at once, in its one process",
    suits: "tests and demonstrations: a single process",
  },
};

export interface FormatRow {
  /** Media types that select it. */
  readonly accept: readonly string[];
  readonly gets: string;
}

/** By the format's name. */
export const formats: Readonly<Record<string, FormatRow>> = {
  html: { accept: ["text/html", "application/xhtml+xml"], gets: "HTML" },
  problem: {
    accept: ["application/json", "application/problem+json"],
    gets: "[problem details](#json), and so does any other `+json`",
  },
  "problem-xml": {
    accept: ["application/xml", "text/xml", "application/problem+xml"],
    gets: "problem details as XML",
  },
  graphql: {
    accept: ["application/graphql-response+json"],
    gets: "a GraphQL error without `data`, code `SERVICE_UNAVAILABLE`",
  },
  "json-api": {
    accept: ["application/vnd.api+json"],
    gets: "a JSON:API document with one error, code `maintenance`",
  },
  "event-stream": {
    accept: ["text/event-stream"],
    gets: "`retry`, and one event `maintenance` with problem details",
  },
  text: { accept: ["text/plain"], gets: "a few lines of text" },
  empty: {
    accept: ["image/png", "text/css", "text/javascript", "font/woff2"],
    gets: "an empty body, as any image, script, style, font, audio or video",
  },
  fragment: { accept: [], gets: "a part of a page, for a request of htmx" },
};
