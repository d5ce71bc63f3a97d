import { pathToFileURL } from "node:url";
import { Etcd3 } from "etcd3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { enableUsers, etcdServer, startEtcd, type EtcdServer } from "../../../test/servers/etcd.ts";
import { startFaultProxy } from "../../../test/servers/fault-proxy.ts";
import { built } from "../../../test/support/built.ts";
import { storeContract, type StoreContractSubject } from "../../testing/index.ts";
import { etcdStore } from "./index.ts";

const minute = 60_000;

describeWithServer("an etcd store", etcdServer, () => {
  let etcd: EtcdServer;
  let places = 0;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  /** A unique prefix. */
  function createPlace(): { url: string; prefix: string; isUntouched(): Promise<boolean> } {
    const prefix = `place-${String(places++)}/`;
    return {
      url: `${etcd.url}/${prefix}`,
      prefix,
      isUntouched: async () => (await keysOf(prefix)).length === 0,
    };
  }

  async function keysOf(prefix: string): Promise<readonly string[]> {
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const range = { key: base64(prefix), range_end: base64(`${prefix.slice(0, -1)}0`), keys_only: true };
    const { kvs = [] } = (await etcd.ask("kv/range", range)) as { kvs?: readonly { key: string }[] };
    return kvs.map(({ key }) => Buffer.from(key, "base64").toString());
  }

  describe("the store contract, by URL", () => {
    const subject: StoreContractSubject = {
      createPlace() {
        const { url, isUntouched } = createPlace();
        return { open: () => etcdStore({ url }), argument: { url }, isUntouched };
      },
      otherProcess: {
        module: pathToFileURL(built("stores/etcd/index.js")),
        exportName: "etcdStore",
      },
      push: true,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run, 120_000);
  });

  describe.each([true, false])("the store contract, with a client of etcd3 and watch: %s", (watch) => {
    const subject: StoreContractSubject = {
      createPlace() {
        const { prefix } = createPlace();
        const client = new Etcd3({ hosts: `127.0.0.1:${String(etcd.port)}` });
        return {
          open: () => etcdStore({ client, prefix, watch }),
          async remove() {
            client.close();
          },
        };
      },
      push: watch,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run, 120_000);
  });

  test("has keys that people can read, and reports whose lease ends", async () => {
    const { url, prefix } = createPlace();
    const store = etcdStore({ url });
    await store.write("my shop", "{}", 0);
    await store.reports?.put("my shop", "web-1", "text", minute);
    await store.reports?.put("my shop", "web-2", "text", minute);
    expect(await keysOf(prefix)).toEqual([
      `${prefix}intermission/record/my shop`,
      `${prefix}intermission/report/my%20shop/web-1`,
      `${prefix}intermission/report/my%20shop/web-2`,
    ]);
    const { leases } = (await etcd.ask("lease/leases", {})) as { leases: readonly { ID: string }[] };
    const lengths = await Promise.all(leases.map(({ ID }) => etcd.ask("lease/timetolive", { ID })));
    expect(lengths).toContainEqual(expect.objectContaining({ grantedTTL: "121" }));
    await store.close();
  });

  test("puts a report again where its lease is gone", async () => {
    const { url } = createPlace();
    const store = etcdStore({ url });
    await store.reports?.put("app", "one", "first", 90_000);
    const { leases } = (await etcd.ask("lease/leases", {})) as { leases: readonly { ID: string }[] };
    await Promise.all(leases.map(({ ID }) => etcd.ask("lease/revoke", { ID })));
    expect((await store.reports?.list("app"))?.reports).toEqual([]);
    await store.reports?.put("app", "one", "second", 90_000);
    expect((await store.reports?.list("app"))?.reports).toMatchObject([{ value: "second" }]);
    await store.close();
  });

  test("tells nobody of a write that was refused", async () => {
    const { url } = createPlace();
    const [one, other] = [etcdStore({ url }), etcdStore({ url })];
    let pushes = 0;
    await one.watch?.("app", () => pushes++);
    await other.write("app", "value", 0);
    await other.write("app", "late", 0);
    await other.write("app", "late", 7);
    await other.write("app", "next", 1);
    await expect.poll(() => pushes).toBe(2);
    await Promise.all([one.close(), other.close()]);
  });

  test("goes to the next server where one can't be reached", async () => {
    const { url, prefix } = createPlace();
    const store = etcdStore({ url });
    await store.write("app", "value", 0);
    const several = etcdStore({ url: `etcd://127.0.0.1:1,127.0.0.1:${String(etcd.port)}/${prefix}` });
    expect((await several.read("app")).value).toBe("value");
    await Promise.all([store.close(), several.close()]);
  });
});

describeWithServer("an etcd store, of a server with users,", etcdServer, () => {
  const password = "hush-hush @:/?#";
  let etcd: EtcdServer;
  beforeAll(async () => {
    etcd = await startEtcd();
    await enableUsers(etcd, password);
  });
  afterAll(() => etcd.stop());

  const urlOf = (user: string, secret = password): string =>
    etcd.url.replace("//", `//${user}:${encodeURIComponent(secret)}@`);

  test("lets who may write write, and who may read read and watch", async () => {
    const [writer, reader] = [etcdStore({ url: urlOf("shop") }), etcdStore({ url: urlOf("reader") })];
    let pushes = 0;
    await reader.watch?.("app", () => pushes++);
    expect(await writer.write("app", "value", 0)).toBe(true);
    expect((await reader.read("app")).value).toBe("value");
    await expect.poll(() => pushes).toBe(1);
    await expect(reader.write("app", "other", 1)).rejects.toMatchObject({
      code: "store-failed",
      got: expect.stringContaining("permission denied") as string,
      remedy: expect.stringContaining("prefix intermission/") as string,
    });
    await expect(reader.reports?.put("app", "one", "value", minute)).rejects.toMatchObject({
      code: "store-denied",
    });
    await Promise.all([writer.close(), reader.close()]);
  });

  test("gets a new token where the server has forgotten the one before", async () => {
    const store = etcdStore({ url: urlOf("shop") });
    await store.read("app");
    await etcd.restart();
    await expect.poll(() => store.read("app").then(Boolean, () => false)).toBe(true);
    await store.close();
  });

  test("gets a new token from the server that has taken the place of the one before", async () => {
    const [spare, proxy] = await Promise.all([startEtcd(), startFaultProxy(etcd.port)]);
    await enableUsers(spare, password);
    const store = etcdStore({ url: urlOf("shop").replace(String(etcd.port), String(proxy.port)) });
    // The spare is not so far, and never will be.
    for (let writes = 0; writes < 20; writes++) await store.write("ahead", "value", writes);
    await store.close();
    const other = etcdStore({ url: urlOf("shop").replace(String(etcd.port), String(proxy.port)) });
    await other.read("app");
    proxy.lead(spare.port);
    const read = (): Promise<unknown> => other.read("ahead").catch(() => undefined);
    await expect.poll(read, { timeout: 5000 }).toEqual({ version: 0 });
    await other.close();
    await Promise.all([proxy.stop(), spare.stop()]);
  });

  test.each([
    ["a wrong password", () => urlOf("shop", "wrong hush"), /Check the user and the password/],
    ["no user", () => etcd.url, /Check the user and the password/],
  ])("is told of %s, without the password", async (_, url, remedy) => {
    const store = etcdStore({ url: url() });
    for (const operate of [() => store.read("app"), () => store.watch?.("app", () => {})]) {
      const error: unknown = await Promise.resolve(operate()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: "store-failed",
        remedy: expect.stringMatching(remedy) as string,
      });
      expect(JSON.stringify(error) + String(error)).not.toContain("hush");
    }
    await store.close();
  });
});

describe("the options of an etcd store", () => {
  test.each([
    [{}, "undefined"],
    [{ url: "redis://user:secret@host" }, "redis://…@host"],
    [{ url: "etcd://user:sec%ret@host" }, "etcd://…@host"],
    [{ url: "etcd://host?ca=/ca.pem" }, "etcd://host"],
    [{ url: "etcds://host?sslmode=require" }, "etcds://host"],
    [{ client: 7 }, "7"],
    [{ client: { kv: {} } }, "an object"],
    [{ client: {}, url: "etcd://host" }, "both"],
  ])("that can't be used are refused: %o", (options, got) => {
    expect(() => etcdStore(options as never)).toThrow(
      expect.objectContaining({ code: "bad-option", got: expect.stringContaining(got) as string }),
    );
  });
});
