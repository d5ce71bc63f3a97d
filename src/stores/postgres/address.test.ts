import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toLocalPath } from "../shared/url.ts";
import { parseAddress } from "./address.ts";

const tls = (parameters: string): unknown => parseAddress(`postgres://u:p@host/db?${parameters}`).client.ssl;

describe("the URL of a PostgreSQL store", () => {
  test.each([
    ["postgres://host/db", [{ host: "host", port: undefined }]],
    [
      "postgresql://a:5433,b/db",
      [
        { host: "a", port: 5433 },
        { host: "b", port: undefined },
      ],
    ],
    ["postgres://[::1]:6000/db", [{ host: "::1", port: 6000 }]],
    ["postgresql://u:p@/db?host=/cloudsql/p:r:i", [{ host: "/cloudsql/p:r:i", port: undefined }]],
    ["postgres://%2Fvar%2Frun%2Fpostgresql/db", [{ host: "/var/run/postgresql", port: undefined }]],
    ["postgres:///db", [{ host: "", port: undefined }]],
  ])("%s says which hosts there are", (url, hosts) => {
    expect(parseAddress(url).hosts).toEqual(hosts);
  });

  test.each([
    ["sslmode=disable", false],
    ["sslmode=require&channel_binding=require", { rejectUnauthorized: false }],
    ["sslmode=no-verify", { rejectUnauthorized: false }],
    ["sslmode=verify-full", { rejectUnauthorized: true }],
    ["ssl=true", { rejectUnauthorized: true }],
    ["sslaccept=accept_invalid_certs", { rejectUnauthorized: false }],
    ["schema=public&connection_limit=5", undefined],
  ])("%s means TLS of its kind", (parameters, ssl) => {
    expect(tls(parameters)).toEqual(ssl);
  });

  test("a CA that is named is asked, with the name or without", () => {
    const folder = mkdtempSync(join(tmpdir(), "intermission-ca-"));
    const file = join(folder, "ca.pem");
    writeFileSync(file, "PEM");
    expect(tls(`sslmode=verify-full&sslrootcert=${file}`)).toEqual({ rejectUnauthorized: true, ca: "PEM" });
    for (const mode of ["require", "verify-ca"]) {
      expect(tls(`sslmode=${mode}&sslrootcert=${file}`)).toEqual({
        rejectUnauthorized: true,
        checkServerIdentity: expect.any(Function) as () => undefined,
        ca: "PEM",
      });
    }
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["sslfactory=org.postgresql.ssl.NonValidatingFactory", /sslfactory/],
    ["sslmode=yes", /sslmode/],
    ["sslrootcert=/no/such/file.pem", /sslrootcert/],
    ["tls=true", /tls/],
    ["gssencmode=require", /GSSAPI/],
    ["sslnegotiation=direct", /sslnegotiation/],
  ])("%s is refused, not ignored", (parameters, remedy) => {
    expect(() => parseAddress(`postgres://u:secret@host/db?${parameters}`)).toThrow(remedy);
    expect(() => parseAddress(`postgres://u:secret@host/db?${parameters}`)).not.toThrow(/secret/);
  });

  test("has a schema, and may name a pooler", () => {
    expect(parseAddress("postgres://host/db?schema=Release%20Pages&pgbouncer=true")).toMatchObject({
      schema: "Release Pages",
      pooled: true,
    });
  });
});

test("a path begins at home where it says so", () => {
  expect(toLocalPath("~/state.db")).toBe(`${homedir()}/state.db`);
  expect(toLocalPath("/var/~/state.db")).toBe("/var/~/state.db");
});
