import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { findFreePort } from "../../../test/servers/free-port.ts";
import {
  isRedisAvailable,
  startRedis,
  startSentinel,
  type RedisServer,
} from "../../../test/servers/redis.ts";
import { openStore } from "../open.ts";
import { redisStore } from "./index.ts";

const server = { available: isRedisAvailable(), packageName: "redis-server" };

describeWithServer("a Redis store with TLS", server, () => {
  let redis: RedisServer;
  let folder: string;
  let address: string;
  let tlsPort: number;
  let certificates: readonly string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "intermission-redis-tls-"));
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    // For another name than the one used to connect, as with managed servers behind an address.
    await promisify(execFile)("openssl", [
      ..."req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=redis.internal".split(" "),
      ...["-addext", "subjectAltName=DNS:redis.internal", "-keyout", key, "-out", certificate],
    ]);
    const port = await findFreePort();
    certificates = [
      `tls-cert-file ${certificate}`,
      `tls-key-file ${key}`,
      `tls-ca-cert-file ${certificate}`,
      "tls-auth-clients no",
    ];
    redis = await startRedis({
      password: "secret",
      settings: [`tls-port ${String(port)}`, ...certificates],
    });
    tlsPort = port;
    address = `:secret@127.0.0.1:${String(port)}/0`;
  });
  afterAll(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    "rediss:?sslmode=no-verify",
    "rediss:?sslmode=require",
    "valkeys:?rejectUnauthorized=false",
    "rediss:?ssl_cert_reqs=none",
    "rediss:?sslmode=verify-ca&sslrootcert=CA",
    "rediss:?sslmode=require&ca=CA&subscribe=true",
  ])("reads, writes and hears: %s", async (words) => {
    const [scheme = "", query = ""] = words.split("?");
    const store = openStore(`${scheme}//${address}?${query.replace("CA", join(folder, "cert.pem"))}`);
    let pushes = 0;
    await store.watch?.(words, () => pushes++);
    expect(await store.write(words, "value", 0)).toBe(true);
    expect(await store.read(words)).toMatchObject({ value: "value" });
    await expect.poll(() => pushes).toBe(1);
    await store.close();
  });

  test("finds its server by Sentinel, or in a cluster, with each connection encrypted", async () => {
    const port = await findFreePort();
    const sentinel = await startSentinel("mymaster", tlsPort, [
      ...[`tls-port ${String(port)}`, "tls-replication yes", "sentinel auth-pass mymaster secret"],
      ...certificates,
    ]);
    onTestFinished(() => sentinel.stop());
    for (const url of [
      `rediss+sentinel://:secret@127.0.0.1:${String(port)}/mymaster/0`,
      `rediss+cluster://:secret@127.0.0.1:${String(tlsPort)}`,
    ]) {
      const store = openStore(`${url}?sslmode=no-verify`);
      let pushes = 0;
      await store.watch?.(url, () => pushes++);
      expect(await store.write(url, "value", 0)).toBe(true);
      expect(await store.read(url)).toMatchObject({ value: "value" });
      await expect.poll(() => pushes).toBe(1);
      await store.close();
      // The certificate is verified, so the connection is encrypted.
      const strict = openStore(url);
      await expect(strict.read(url)).rejects.toMatchObject({ code: "store-failed" });
      await strict.close();
    }
  });

  test.each([
    ["", "?sslrootcert=FILE, or encrypt without verifying it with ?sslmode=no-verify"],
    ["?sslmode=verify-full&sslrootcert=CA", "?sslmode=verify-ca"],
  ])("names the parameter where the certificate is refused: %s", async (query, remedy) => {
    const store = redisStore({ url: `rediss://${address}${query.replace("CA", join(folder, "cert.pem"))}` });
    for (const operate of [() => store.read("app"), () => store.watch?.("app", () => {})]) {
      const error: unknown = await Promise.resolve(operate()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: "store-failed",
        remedy: expect.stringContaining(remedy) as string,
      });
    }
    await store.close();
  });

  test("valkey: is redis:", async () => {
    const store = openStore(redis.url.replace("redis:", "valkey:"));
    expect(await store.write("valkey", "value", 0)).toBe(true);
    await store.close();
  });
});

describe("what a Redis URL says of TLS", () => {
  test.each([
    ["rediss://host?tls=true", "rediss://"],
    ["rediss://host?insecure=true", "sslmode"],
    ["rediss://host?skip-verify=true", "sslmode"],
    ["rediss://host?sslmode=prefer", "Correct the parameter sslmode"],
    ["rediss://host?sslmode=disable", "leave one of them out"],
    ["rediss://host?sslmode=require&rejectUnauthorized=true", "Leave rejectUnauthorized out"],
    ["rediss://host?rejectUnauthorized=perhaps", "Correct the parameter rejectUnauthorized"],
    ["rediss://host?ca=/no/such/file.pem", "Check the path of ca"],
    ["redis://host?sslmode=require", "nothing is encrypted"],
    ["valkey://host?ca=/etc/ca.pem", "nothing is encrypted"],
  ])("is refused where it can't be kept: %s", (url, remedy) => {
    for (const open of [() => redisStore({ url }), () => openStore(url)]) {
      expect(open).toThrow(
        expect.objectContaining({
          code: "bad-option",
          remedy: expect.stringContaining(remedy) as string,
        }) as Error,
      );
    }
  });
});
