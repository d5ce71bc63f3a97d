import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Pool, type PoolConfig } from "pg";
import { postgresStore } from "../../src/stores/postgres/index.ts";
import { isPgBouncerAvailable, isPgPoolAvailable, startPgBouncer, startPgPool } from "../servers/poolers.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { makeCertificate } from "../support/certificate.ts";
import type { Cell, Group, Opened } from "./cell.ts";

let primary: PostgresServer;
let standby: PostgresServer;
let certificate: ReturnType<typeof makeCertificate>;
const poolers: Record<string, Awaited<ReturnType<typeof startPgPool>>> = {};
const stops: (() => Promise<void>)[] = [];

/** Of an app that uses a pool of its own. */
function appOf(settings: PoolConfig): { pool: Pool; ask: () => Promise<void>; close: () => Promise<void> } {
  const pool = new Pool({ ...settings, max: 4 });
  pool.on("error", () => undefined);
  return {
    pool,
    async ask() {
      const { rows } = await pool.query<{ limit: string; name: string }>(
        "select current_setting('statement_timeout') as limit, current_setting('application_name') as name, pg_sleep(0.03)",
      );
      const [{ limit, name } = { limit: "", name: "" }] = rows;
      if (limit !== "0" || name === "intermission") throw new Error(`the session has ${limit} and ${name}`);
    },
    close: () => pool.end(),
  };
}

const urlTo = (words: string, user = "shop"): string =>
  `postgres://${user}@localhost:${String(primary.port)}/postgres${words.replace(/CA$/, certificate.certificatePath)}`;

/** The two ways of telling an app of a place. */
function bothWays(
  place: string,
  address: () => string,
  settings: () => PoolConfig = () => ({ connectionString: address() }),
): readonly Cell[] {
  const open = (isPool: boolean): Opened => {
    const { pool, ask, close } = appOf(settings());
    return { store: isPool ? postgresStore({ pool }) : address(), deploy: address(), ask, close };
  };
  return [
    { place, given: "URL", open: () => open(false) },
    { place, given: "pool", open: () => open(true) },
  ];
}

const withTls = (ssl: PoolConfig["ssl"]) => (): PoolConfig => ({ connectionString: urlTo(""), ssl });

export const postgres: Group = {
  title: "PostgreSQL",
  server: {
    available: isPostgresAvailable() && isPgBouncerAvailable() && isPgPoolAvailable(),
    packageName: "postgresql pgbouncer pgpool2",
  },
  async start() {
    certificate = makeCertificate("localhost", { owner: "postgres" });
    const access = join(dirname(certificate.certificatePath), "pg_hba.conf");
    // `shop` must use TLS.
    writeFileSync(
      access,
      [
        "hostssl all shop all trust",
        "host all postgres all trust",
        "host replication postgres all trust",
      ].join("\n"),
    );
    primary = await startPostgres({
      settings: {
        hba_file: access,
        ...{ ssl: "on", ssl_cert_file: certificate.certificatePath, ssl_key_file: certificate.keyPath },
      },
    });
    stops.push(() => primary.stop());
    await primary.query("create role shop superuser login");
    standby = await startPostgres({ standbyOf: primary });
    stops.push(() => standby.stop());
    for (const mode of ["session", "transaction", "statement"] as const)
      poolers[mode] = await startPgBouncer(primary.port, mode, 8);
    poolers["pgpool"] = await startPgPool(primary.port);
    stops.push(...Object.values(poolers).map((pooler) => () => pooler.stop()));
  },
  async stop() {
    for (const stop of stops.splice(0).toReversed()) await stop();
  },
  cells: [
    ...bothWays("itself", () => primary.url),
    ...["session", "transaction", "statement"].flatMap((mode) =>
      bothWays(`behind PgBouncer, ${mode} mode`, () => poolers[mode]?.url ?? ""),
    ),
    ...bothWays("behind pgpool", () => poolers["pgpool"]?.url ?? ""),
    ...bothWays("TLS, not verified", () => urlTo("?sslmode=require"), withTls({ rejectUnauthorized: false })),
    ...bothWays(
      "TLS, CA and name verified",
      () => urlTo("?sslmode=verify-full&sslrootcert=CA"),
      () => withTls({ ca: certificate.cert })(),
    ),
    ...(
      ["?sslmode=prefer", "?sslmode=verify-ca&sslrootcert=CA", "?sslaccept=accept_invalid_certs"] as const
    ).map((words): Cell => ({
      place: `TLS, ${words.slice(1).replace(/&.*/, "")}`,
      given: "URL",
      open: () => ({ store: urlTo(words), deploy: urlTo(words) }),
    })),
    {
      place: "read from a replica, written to the primary",
      given: "URL",
      open: () => ({ store: standby.url, deploy: primary.url }),
    },
    {
      place: "the primary is lost and the replica promoted, both named",
      given: "URL",
      open() {
        const both = `postgres://postgres@127.0.0.1:${String(primary.port)},127.0.0.1:${String(standby.port)}/postgres`;
        return {
          store: both,
          deploy: both,
          async meanwhile() {
            await primary.halt();
            await standby.query("select pg_promote()");
          },
        };
      },
    },
  ],
};
