import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../../../test/servers/mariadb.ts";
import { makeCertificate } from "../../../test/support/certificate.ts";
import { openStore } from "../open.ts";

const server = { available: isMariadbAvailable(), packageName: "mariadb-server" };

describeWithServer("a MySQL store with TLS, by URL", server, () => {
  let mariadb: MariadbServer;
  /** `shop` must use TLS, `certified` a certificate too. */
  let url: (words: string, user?: string, host?: string) => string;

  beforeAll(async () => {
    const own = makeCertificate("db.internal", { names: "DNS:db.internal", owner: "mysql" });
    const client = makeCertificate("certified", { names: "DNS:certified", owner: "mysql" });
    const other = makeCertificate();
    mariadb = await startMariadb({
      settings: [
        `--ssl-cert=${own.certificatePath}`,
        `--ssl-key=${own.keyPath}`,
        `--ssl-ca=${client.certificatePath}`,
      ],
    });
    await mariadb.query(`create user shop@'127.0.0.1' require ssl; create user certified@'127.0.0.1' require x509;
      grant all on intermission.* to shop@'127.0.0.1'; grant all on intermission.* to certified@'127.0.0.1'`);
    const files: Readonly<Record<string, string>> = {
      CA: own.certificatePath,
      OTHER: other.certificatePath,
      CERT: client.certificatePath,
      KEY: client.keyPath,
      JSON: encodeURIComponent(JSON.stringify({ ca: readFileSync(own.certificatePath, "utf8") })),
    };
    url = (words, user = "shop", host = "127.0.0.1") =>
      `mysql://${user}@${host}:${String(mariadb.port)}/intermission?${words.replace(/\b(?:CA|OTHER|CERT|KEY|JSON)$|\b(?:CA|OTHER|CERT|KEY)(?=&)/g, (name) => files[name] ?? name)}`;
  }, 120_000);
  afterAll(() => mariadb.stop());

  test.each<[words: string, user?: string]>([
    ["ssl-mode=REQUIRED"],
    ["sslmode=require"],
    ["sslaccept=accept_invalid_certs"],
    ["ssl-mode=VERIFY_CA&ssl-ca=CA"],
    ["ssl=JSON"],
    ["ssl-mode=VERIFY_CA&ssl-ca=CA&ssl-cert=CERT&ssl-key=KEY", "certified"],
  ])("reads and writes, encrypted: %s %s", async (words, user) => {
    const store = openStore(url(words, user));
    expect(await store.write(words, "value", 0)).toBe(true);
    expect(await store.read(words)).toMatchObject({ value: "value" });
    await store.close();
  });

  test.each<[words: string, remedy: string, user?: string, host?: string]>([
    ["ssl-mode=VERIFY_CA", "?ssl-ca=FILE"],
    ["ssl-mode=VERIFY_CA&ssl-ca=OTHER", "?ssl-ca=FILE"],
    ["ssl-mode=VERIFY_IDENTITY&ssl-ca=CA", "?ssl-mode=VERIFY_CA", "shop", "localhost"],
    ["ssl-mode=VERIFY_IDENTITY&ssl-ca=CA", "?ssl-mode=VERIFY_CA"],
    ["sslaccept=strict", "?ssl-ca=FILE"],
    ["ssl-mode=DISABLED", "?ssl-mode=REQUIRED"],
    ["", "?ssl-mode=REQUIRED"],
    ["ssl-mode=REQUIRED", "ssl-cert", "certified"],
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

  test("an address can't be compared with a certificate's names, and that is said", () => {
    expect(() => openStore("mysql://u@10.0.0.7/db?ssl-mode=VERIFY_IDENTITY")).toThrow(/by its name/);
  });
});
