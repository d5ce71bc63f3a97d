import { copyFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { makeCertificate } from "../../../test/support/certificate.ts";
import { openStore } from "../open.ts";

const server = { available: isPostgresAvailable(), packageName: "postgresql" };

describeWithServer("a PostgreSQL store with TLS, by URL", server, () => {
  let postgres: PostgresServer;
  /** `shop` must use TLS, `certified` a certificate too. */
  let url: (words: string, user?: string, host?: string) => string;

  beforeAll(async () => {
    const own = makeCertificate("db.internal", { names: "DNS:localhost", owner: "postgres" });
    const client = makeCertificate("certified", { names: "DNS:certified", owner: "postgres" });
    const other = makeCertificate();
    const folder = dirname(own.certificatePath);
    const access = join(folder, "pg_hba.conf");
    writeFileSync(
      access,
      ["hostssl all certified 127.0.0.1/32 cert", "hostssl all shop 127.0.0.1/32 trust"]
        .concat("host all postgres 127.0.0.1/32 trust")
        .join("\n"),
    );
    copyFileSync(client.certificatePath, join(folder, "clients.pem"));
    postgres = await startPostgres({
      settings: {
        ssl: "on",
        ssl_cert_file: own.certificatePath,
        ssl_key_file: own.keyPath,
        ssl_ca_file: join(folder, "clients.pem"),
        hba_file: access,
      },
    });
    await postgres.query("create role shop superuser login; create role certified superuser login");
    const files: Readonly<Record<string, string>> = {
      CA: own.certificatePath,
      OTHER: other.certificatePath,
      CERT: client.certificatePath,
      KEY: client.keyPath,
    };
    url = (words, user = "shop", host = "localhost") =>
      `postgres://${user}@${host}:${String(postgres.port)}/postgres?${words.replace(/\b[A-Z]+\b/g, (name) => files[name] ?? name)}`;
  }, 120_000);
  afterAll(() => postgres.stop());

  test.each<[words: string, user?: string, host?: string]>([
    ["sslmode=require"],
    ["sslmode=prefer"],
    ["sslmode=no-verify"],
    ["ssl=no-verify"],
    ["sslaccept=accept_invalid_certs"],
    ["sslmode=verify-full&sslrootcert=CA"],
    ["sslrootcert=CA"],
    ["sslmode=verify-ca&sslrootcert=CA", "shop", "127.0.0.1"],
    ["sslmode=require&sslrootcert=CA", "shop", "127.0.0.1"],
    ["sslmode=verify-full&sslrootcert=CA&sslcert=CERT&sslkey=KEY", "certified"],
  ])("reads, writes and hears, encrypted: %s %s %s", async (words, user, host) => {
    const store = openStore(url(words, user, host));
    let pushes = 0;
    await store.watch?.(words, () => pushes++);
    expect(await store.write(words, "value", 0)).toBe(true);
    expect(await store.read(words)).toMatchObject({ value: "value" });
    await expect.poll(() => pushes).toBe(1);
    const lines = await postgres.query(
      "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where query like '%intermission%' and pid <> pg_backend_pid()",
    );
    expect(lines).toEqual([{ ssl: true }]);
    await store.close();
  });

  test.each<[words: string, remedy: string, user?: string, host?: string]>([
    ["sslmode=verify-full", "?sslrootcert=FILE"],
    ["ssl=true", "?sslrootcert=FILE"],
    ["sslmode=verify-full&sslrootcert=OTHER", "?sslrootcert=FILE"],
    ["sslmode=verify-ca&sslrootcert=OTHER", "?sslrootcert=FILE"],
    ["sslmode=require&sslrootcert=OTHER", "?sslrootcert=FILE"],
    ["sslmode=verify-full&sslrootcert=CA", "?sslmode=verify-ca", "shop", "127.0.0.1"],
    ["sslmode=disable", "?sslmode=require"],
    ["sslmode=require", "?sslcert=FILE", "certified"],
  ])("is refused, with the parameter that helps: %s", async (words, remedy, user, host) => {
    const store = openStore(url(words, user, host));
    for (const operate of [() => store.read("app"), () => store.write("app", "value", 0)]) {
      const error: unknown = await operate().catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: "store-failed",
        remedy: expect.stringContaining(remedy) as string,
      });
    }
    await store.close();
  });
});
