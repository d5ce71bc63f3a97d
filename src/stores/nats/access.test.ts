import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { natsServer, startNats, type NatsServer } from "../../../test/servers/nats.ts";
import { makeCertificate } from "../../../test/support/certificate.ts";
import { natsStore } from "./index.ts";

const minute = 60_000;

describeWithServer("a NATS store, of a server with users,", natsServer, () => {
  const password = "hush-hush @:/?#";
  let nats: NatsServer;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "intermission-nats-users-"));
    const configuration = join(folder, "nats.conf");
    const read = ["$JS.API.STREAM.MSG.GET.KV_intermission", "$JS.API.CONSUMER.CREATE.KV_intermission"];
    const write = ["$KV.intermission.>", "$JS.API.STREAM.CREATE.KV_intermission"];
    const user = (name: string, publish: readonly string[]): object => ({
      ...{ user: name, password },
      permissions: { publish, subscribe: ["_INBOX.>"] },
    });
    const users = [user("reader", read), user("shop", [...read, ...write])];
    writeFileSync(configuration, `jetstream {}\nauthorization ${JSON.stringify({ users })}`);
    nats = await startNats(["-c", configuration]);
    rmSync(folder, { recursive: true });
  });
  afterAll(() => nats.stop());

  const urlOf = (user: string, secret = password): string =>
    nats.url.replace("//", `//${user}:${encodeURIComponent(secret)}@`);

  test("lets who may write write, and who may read read and watch", async () => {
    const [writer, reader] = [natsStore({ url: urlOf("shop") }), natsStore({ url: urlOf("reader") })];
    expect(await writer.write("app", "value", 0)).toBe(true);
    let pushes = 0;
    await reader.watch?.("app", () => pushes++);
    expect(await writer.write("app", "next", 1)).toBe(true);
    expect((await reader.read("app")).value).toBe("next");
    await expect.poll(() => pushes).toBe(1);
    await expect(reader.write("app", "other", 2)).rejects.toMatchObject({
      code: "store-failed",
      remedy: expect.stringContaining("Allow the user") as string,
    });
    await expect(reader.reports?.put("app", "one", "value", minute)).rejects.toMatchObject({
      code: "store-denied",
    });
    await Promise.all([writer.close(), reader.close()]);
  });

  test.each([
    ["a wrong password", () => urlOf("shop", "wrong hush")],
    ["no user", () => nats.url],
  ])("is told of %s, without the password", async (_, url) => {
    const store = natsStore({ url: url() });
    for (const operate of [() => store.read("app"), () => store.watch?.("app", () => {})]) {
      const error: unknown = await Promise.resolve(operate()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: "store-failed",
        remedy: expect.stringContaining("Check the user and the password") as string,
      });
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hush");
    }
    await store.close();
  });
});

describeWithServer("a NATS store, of a server", natsServer, () => {
  test("with a token takes it in the place of a user", async () => {
    const nats = await startNats(["-js", "--auth", "s3cret/token"]);
    const store = natsStore({ url: nats.url.replace("//", "//s3cret%2Ftoken@") });
    expect(await store.write("app", "value", 0)).toBe(true);
    await store.close();
    await nats.stop();
  });

  test("without JetStream says how to start it", async () => {
    const nats = await startNats([]);
    const store = natsStore({ url: nats.url });
    for (const operate of [() => store.read("app"), () => store.write("app", "value", 0)])
      await expect(operate()).rejects.toMatchObject({
        code: "store-failed",
        written: false,
        remedy: expect.stringContaining("nats-server -js") as string,
      });
    await store.close();
    await nats.stop();
  });

  test("with TLS needs who signed it, and without it is refused where TLS is asked for", async () => {
    const { certificatePath, keyPath } = makeCertificate();
    const nats = await startNats(["-js", "--tls", "--tlscert", certificatePath, "--tlskey", keyPath]);
    const plain = await startNats();
    const ca = encodeURIComponent(certificatePath);
    const host = `localhost:${String(nats.port)}`;
    for (const url of [`tls://${host}?ca=${ca}`, `nats://${host}/other?ca=${ca}&tls=true`]) {
      const store = natsStore({ url });
      expect(await store.write("app", "value", 0)).toBe(true);
      await store.close();
    }
    for (const url of [`nats://${host}`, `tls://127.0.0.1:${String(plain.port)}`]) {
      const store = natsStore({ url });
      await expect(store.read("app")).rejects.toMatchObject({
        remedy: expect.stringContaining("tls://") as string,
      });
      await store.close();
    }
    await Promise.all([nats.stop(), plain.stop()]);
  });
});
