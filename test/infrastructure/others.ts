import { Redis } from "ioredis";
import { createPool, type PoolOptions } from "mysql2/promise";
import { mysqlStore } from "../../src/stores/mysql/index.ts";
import { redisStore } from "../../src/stores/redis/index.ts";
import { etcdServer, startEtcd, startEtcdCluster } from "../servers/etcd.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../servers/mariadb.ts";
import { natsServer, startNats, startNatsCluster } from "../servers/nats.ts";
import { isRedisAvailable, startRedis, startSentinel } from "../servers/redis.ts";
import { makeCertificate } from "../support/certificate.ts";
import type { Cell, Group, Opened } from "./cell.ts";

interface Stoppable {
  stop(): Promise<void>;
}

/** Servers that end together. */
function servers(): { add: <T extends Stoppable>(server: T) => T; stop: () => Promise<void> } {
  const all: Stoppable[] = [];
  return {
    add(server) {
      all.push(server);
      return server;
    },
    async stop() {
      for (const server of all.splice(0).toReversed()) await server.stop();
    },
  };
}

function byUrl(place: string, url: () => string, rest: Omit<Opened, "store" | "deploy"> = {}): Cell {
  return { place, given: "URL", open: () => ({ store: url(), deploy: url(), ...rest }) };
}

const mariadbServers = servers();
let database: MariadbServer;
let certificate: ReturnType<typeof makeCertificate>;

const mysqlUrl = (words: string): string =>
  `mysql://shop@localhost:${String(database.port)}/intermission${words.replace(/CA$/, certificate.certificatePath)}`;

/** The two ways of telling an app of a place. */
function mysqlCells(place: string, address: () => string, settings: () => PoolOptions): readonly Cell[] {
  const open = (isPool: boolean): Opened => {
    const pool = createPool({ ...settings(), connectionLimit: 3 });
    return {
      store: isPool ? mysqlStore({ pool }) : address(),
      deploy: address(),
      async ask() {
        const [rows] = await pool.query(
          "select @@max_statement_time as time, @@sql_mode as mode, sleep(0.03)",
        );
        const [{ time, mode } = { time: "", mode: "" }] = rows as { time: unknown; mode: unknown }[];
        if (Number(time) !== 0) throw new Error(`the session has ${String(time)} and ${String(mode)}`);
      },
      close: () => pool.end(),
    };
  };
  return [
    { place, given: "URL", open: () => open(false) },
    { place, given: "pool", open: () => open(true) },
  ];
}

export const mariadb: Group = {
  title: "MariaDB",
  server: { available: isMariadbAvailable(), packageName: "mariadb-server" },
  async start() {
    certificate = makeCertificate("localhost", { owner: "mysql" });
    database = mariadbServers.add(
      await startMariadb({
        settings: [`--ssl-cert=${certificate.certificatePath}`, `--ssl-key=${certificate.keyPath}`],
      }),
    );
    await database.query(
      "create user shop@'127.0.0.1' require ssl; grant all on intermission.* to shop@'127.0.0.1'",
    );
  },
  stop: mariadbServers.stop,
  cells: [
    ...mysqlCells(
      "itself",
      () => database.url,
      () => ({ uri: database.url }),
    ),
    ...mysqlCells(
      "TLS, not verified",
      () => mysqlUrl("?ssl-mode=REQUIRED"),
      () => ({ uri: mysqlUrl(""), ssl: { rejectUnauthorized: false } }),
    ),
    ...mysqlCells(
      "TLS, CA and name verified",
      () => mysqlUrl("?ssl-mode=VERIFY_IDENTITY&ssl-ca=CA"),
      () => ({ uri: mysqlUrl(""), ssl: { ca: certificate.cert } }),
    ),
    byUrl("TLS, CA verified", () => mysqlUrl("?ssl-mode=VERIFY_CA&ssl-ca=CA")),
  ],
};

const redisServers = servers();
const urls: Record<string, string> = {};

export const redis: Group = {
  title: "Redis",
  server: { available: isRedisAvailable(), packageName: "redis-server" },
  async start() {
    const { certificatePath, keyPath } = makeCertificate();
    const tlsPort = String(await findFreePort());
    const { add } = redisServers;
    const plain = add(
      await startRedis({
        settings: [
          ...[`tls-port ${tlsPort}`, `tls-cert-file ${certificatePath}`, `tls-key-file ${keyPath}`],
          ...[`tls-ca-cert-file ${certificatePath}`, "tls-auth-clients no"],
          "user shop on >secret ~intermission:* &intermission resetchannels &intermission* +@all",
        ],
      }),
    );
    urls["itself"] = plain.url;
    urls["acl"] = `redis://shop:secret@127.0.0.1:${String(plain.port)}/0`;
    urls["tls"] = `rediss://localhost:${tlsPort}/0?sslmode=require`;
    urls["verified"] = `rediss://localhost:${tlsPort}/0?ca=${certificatePath}`;

    const primary = add(await startRedis());
    add(await startRedis({ settings: [`replicaof 127.0.0.1 ${String(primary.port)}`] }));
    const sentinel = add(await startSentinel("shop", primary.port));
    urls["sentinel"] = `redis+sentinel://127.0.0.1:${String(sentinel.port)}/shop/0`;

    const cluster = add(
      await startRedis({ settings: ["cluster-enabled yes", "cluster-announce-ip 127.0.0.1"] }),
    );
    const admin = new Redis(cluster.url);
    await admin.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    while (!String(await admin.call("CLUSTER", "INFO")).includes("cluster_state:ok"));
    admin.disconnect();
    urls["cluster"] = `redis+cluster://127.0.0.1:${String(cluster.port)}`;
  },
  stop: redisServers.stop,
  cells: [
    byUrl("itself", () => urls["itself"] ?? ""),
    {
      place: "itself",
      given: "client",
      open() {
        const client = new Redis(urls["itself"] ?? "");
        return {
          store: redisStore({ client }),
          deploy: urls["itself"] ?? "",
          async ask() {
            await client.set("visits", "1");
            if ((await client.get("visits")) !== "1") throw new Error("the app's value is lost");
          },
          async close() {
            await client.quit();
          },
        };
      },
    },
    byUrl("a user with its own keys and channels alone", () => urls["acl"] ?? ""),
    byUrl("TLS, not verified", () => urls["tls"] ?? ""),
    byUrl("TLS, CA and name verified", () => urls["verified"] ?? ""),
    byUrl("behind Sentinel", () => urls["sentinel"] ?? ""),
    byUrl("a cluster", () => urls["cluster"] ?? ""),
  ],
};

/** One server, and three that know each other. */
function oneAndThree(
  title: string,
  server: Group["server"],
  startOne: () => Promise<Stoppable & { readonly url: string }>,
  startThree: () => Promise<Stoppable & { readonly url: string }>,
): Group {
  const { add, stop } = servers();
  let one = "";
  let three = "";
  return {
    title,
    server,
    async start() {
      one = add(await startOne()).url;
      three = add(await startThree()).url;
    },
    stop,
    cells: [byUrl("one server", () => one), byUrl("three servers", () => three)],
  };
}

export const nats = oneAndThree(
  "NATS",
  natsServer,
  () => startNats(),
  () => startNatsCluster("intermission"),
);
export const etcd = oneAndThree("etcd", etcdServer, () => startEtcd(), startEtcdCluster);
