import { pathToFileURL } from "node:url";
import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import { connect as connectFormer } from "nats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { built } from "../../../test/support/built.ts";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { natsServer, startNats, type NatsServer } from "../../../test/servers/nats.ts";
import { startSilentServer } from "../../../test/servers/silent-server.ts";
import { storeContract, type StoreContractSubject } from "../../testing/index.ts";
import { natsStore } from "./index.ts";

const minute = 60_000;

describeWithServer("a NATS store", natsServer, () => {
  let nats: NatsServer;
  let admin: NatsConnection;
  let places = 0;
  beforeAll(async () => {
    nats = await startNats();
    admin = await connect({ servers: nats.url });
  });
  afterAll(async () => {
    await admin.close();
    await nats.stop();
  });

  async function ask(subject: string, body: object = {}): Promise<Readonly<Record<string, unknown>>> {
    return (await admin.request(`$JS.API.${subject}`, JSON.stringify(body))).json();
  }

  /** A unique bucket. */
  function createPlace(): { bucket: string; url: string; isUntouched(): Promise<boolean> } {
    const bucket = `place-${String(places++)}`;
    return {
      bucket,
      url: `${nats.url}/${bucket}`,
      async isUntouched() {
        const { streams } = (await ask("STREAM.NAMES")) as { streams?: readonly string[] | null };
        return !(streams ?? []).some((name) => name === `KV_${bucket}` || name.startsWith(`KV_${bucket}-`));
      },
    };
  }

  describe("the store contract, by URL", () => {
    const subject: StoreContractSubject = {
      createPlace() {
        const { url, isUntouched } = createPlace();
        return { open: () => natsStore({ url }), argument: { url }, isUntouched };
      },
      otherProcess: {
        module: pathToFileURL(built("stores/nats/index.js")),
        exportName: "natsStore",
      },
      push: true,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run, 120_000);
  });

  describe.each([
    ["@nats-io/transport-node", true, () => connect({ servers: nats.url })],
    ["@nats-io/transport-node", false, () => connect({ servers: nats.url })],
    ["nats 2", true, () => connectFormer({ servers: nats.url })],
  ])("the store contract, with a connection of %s and watch: %s", (_, watch, open) => {
    const subject: StoreContractSubject = {
      async createPlace() {
        const { bucket } = createPlace();
        const client = await open();
        return {
          open: () => natsStore({ client, bucket, watch }),
          remove: () => client.close(),
        };
      },
      push: watch,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run, 120_000);
  });

  test("keeps a record that people can read, and nothing of the one before", async () => {
    const { bucket, url } = createPlace();
    const store = natsStore({ url });
    await store.write("my shop.eu", "{}", 0);
    await store.write("my shop.eu", '{"text":"é"}', 1);
    await store.reports?.put("my shop.eu", "web-1", "text", minute);
    const key = { last_by_subj: `$KV.${bucket}.my=20shop=2Eeu` };
    expect(await ask(`STREAM.MSG.GET.KV_${bucket}`, key)).toMatchObject({
      message: { data: Buffer.from('{"text":"é"}').toString("base64"), seq: 2 },
    });
    expect(await ask(`STREAM.INFO.KV_${bucket}`)).toMatchObject({
      config: { num_replicas: 1, max_age: 0, storage: "file" },
      state: { messages: 1 },
    });
    expect(await ask(`STREAM.INFO.KV_${bucket}-reports`)).toMatchObject({
      config: { max_age: 30 * 24 * 60 * minute * 1e6 },
      state: { messages: 1 },
    });
    await store.close();
  });

  test("begins anew where a record was deleted by hand, and knows what is none of its own", async () => {
    const { bucket, url } = createPlace();
    const store = natsStore({ url });
    await store.write("app", "one", 0);
    const mark = headers();
    mark.set("KV-Operation", "DEL");
    await admin.request(`$KV.${bucket}.app`, "", { timeout: 1000, headers: mark });
    expect(await store.read("app", 1)).toEqual({ version: 0 });
    expect(await store.write("app", "two", 1)).toBe(false);
    expect(await store.write("app", "two", 0)).toBe(true);
    expect(await store.read("app")).toEqual({ version: 1, value: "two" });
    await admin.request(`$KV.${bucket}.app`, "text");
    await expect(store.read("app")).rejects.toMatchObject({
      remedy: expect.stringContaining("Something else uses the bucket") as string,
    });
    await store.close();
  });

  test("sends a value again that has the known version and another beginning", async () => {
    const store = natsStore({ url: createPlace().url });
    await store.write("app", "one text", 0);
    expect(await store.read("app", 1, "one")).toEqual({ version: 1, unchanged: true });
    expect(await store.read("app", 1, "two")).toEqual({ version: 1, value: "one text" });
    await store.close();
  });

  test("tells nobody of a write that was refused", async () => {
    const { url } = createPlace();
    const [one, other] = [natsStore({ url }), natsStore({ url })];
    await other.migrate?.();
    let pushes = 0;
    await one.watch?.("app", () => pushes++);
    await other.write("app", "value", 0);
    await other.write("app", "late", 0);
    await other.write("app", "late", 7);
    await other.write("app", "next", 1);
    await expect.poll(() => pushes).toBe(2);
    await Promise.all([one.close(), other.close()]);
  });

  test("watches a bucket that is not there yet without making it, and hears of the first record", async () => {
    const { url, isUntouched } = createPlace();
    const [one, other] = [natsStore({ url }), natsStore({ url })];
    let pushes = 0;
    await one.watch?.("app", () => pushes++);
    expect(await isUntouched()).toBe(true);
    await other.write("app", "value", 0);
    await expect.poll(() => pushes, { timeout: 5000 }).toBeGreaterThan(0);
    const before = pushes;
    await other.write("app", "next", 1);
    await expect.poll(() => pushes).toBeGreaterThan(before);
    await Promise.all([one.close(), other.close()]);
  });

  test("keeps reports where somebody listens to everything", async () => {
    const listener = admin.subscribe(">", { callback: () => {} });
    const store = natsStore({ url: createPlace().url });
    await store.write("app", "value", 0);
    await store.reports?.put("app", "one", "value", minute);
    expect((await store.reports?.list("app"))?.reports).toMatchObject([{ id: "one", value: "value" }]);
    listener.unsubscribe();
    await store.close();
  });

  test("lists a thousand large reports", async () => {
    const { bucket, url } = createPlace();
    const store = natsStore({ url });
    await store.write("app", "value", 0);
    await store.reports?.put("app", "first", "first", minute);
    const text = `60000 ${"x".repeat(8000)}`;
    for (let index = 0; index < 1000; index++)
      admin.publish(`$KV.${bucket}-reports.app.instance-${String(index)}`, text);
    await expect
      .poll(async () => (await store.reports?.list("app"))?.reports.length, { timeout: 20_000 })
      .toBe(1001);
    const listed = await store.reports?.list("app");
    expect(listed?.reports[0]?.id).toBe("instance-999");
    expect(listed?.reports[1000]?.id).toBe("first");
    await store.close();
  });

  test("goes to a server that answers where others don't", async () => {
    const silent = await startSilentServer();
    const { bucket, url } = createPlace();
    const store = natsStore({ url });
    await store.write("app", "value", 0);
    const hosts = ["127.0.0.1:1", `127.0.0.1:${String(silent.port)}`, `127.0.0.1:${String(nats.port)}`];
    const several = natsStore({ url: `nats://${hosts.join(",")}/${bucket}` });
    expect((await several.read("app")).value).toBe("value");
    await Promise.all([store.close(), several.close()]);
    await silent.stop();
  });
});

describe("the options of a NATS store", () => {
  test.each([
    [{}, "undefined"],
    [{ url: "redis://user:secret@host" }, "redis://…@host"],
    [{ url: "nats://user:sec%ret@host" }, "nats://…@host"],
    [{ url: "nats://host?tls=false" }, "nats://host"],
    [{ url: "nats://host?sslmode=require" }, "nats://host"],
    [{ url: "nats://host/one/two" }, "other characters in the URL"],
    [{ url: "nats://host?replicas=2" }, "2"],
    [{ client: 7 }, "7"],
    [{ client: { request: () => {} } }, "an object"],
    [{ client: {}, url: "nats://host" }, "both"],
  ])("that can't be used are refused: %o", (options, got) => {
    expect(() => natsStore(options as never)).toThrow(
      expect.objectContaining({ code: "bad-option", got: expect.stringContaining(got) as string }),
    );
  });
});
