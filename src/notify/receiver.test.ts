import type { IncomingHttpHeaders } from "node:http";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { faults, startReceiver } from "../../test/support/webhook.ts";
import { createEvent } from "./event.ts";
import { createReceivers, type Receiver } from "./receiver.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const event = createEvent("release.created", "shop", 0, "v1.1 <b> & @everyone is current.", {
  release: "v1.1",
});

async function receiverAt(kind: "standard" | "slack" | "discord" | "teams", url: string): Promise<Receiver> {
  const [receiver] = await createReceivers([{ kind, url }], [secret, other]);
  if (receiver === undefined) throw new Error("none");
  return receiver;
}

describe("generic JSON", () => {
  test("is signed as Standard Webhooks says, with every secret", async () => {
    const { url, received } = await startReceiver();
    const receiver = await receiverAt("standard", url);
    expect(await receiver.send("msg_1", event, Date.now())).toEqual({ ok: true, found: "HTTP 204" });
    const [{ headers, body } = { headers: {} as IncomingHttpHeaders, body: "" }] = received;
    expect(headers["webhook-id"]).toBe("msg_1");
    for (const each of [secret, other])
      expect(new Webhook(each).verify(body, headers as Record<string, string>)).toEqual({
        type: "release.created",
        timestamp: "1970-01-01T00:00:00.000Z",
        data: { app: "shop", text: "shop: v1.1 <b> & @everyone is current.", release: "v1.1" },
      });
    const forged = new Webhook(secret);
    expect(() => forged.verify(`${body} `, headers as Record<string, string>)).toThrow();
  });

  test("without a secret is refused, and the message says how to make one", async () => {
    await expect(createReceivers([{ kind: "standard", url: "https://a.example/hush" }], [])).rejects.toThrow(
      /MAINTENANCE_WEBHOOK_SECRET.+openssl rand/,
    );
    expect(await createReceivers([{ kind: "slack", url: "https://a.example/hush" }], [])).toHaveLength(1);
  });
});

test.each([
  ["slack", { text: "shop: v1.1 &lt;b&gt; &amp; @everyone is current." }],
  ["discord", { content: "shop: v1.1 <b> & @everyone is current.", allowed_mentions: { parse: [] } }],
  ["teams", { type: "message", attachments: [{ content: { body: [{ text: event.text }] } }] }],
] as const)("%s gets a message", async (kind, message) => {
  const { url, received } = await startReceiver();
  await (await receiverAt(kind, url)).send("msg_1", event, 0);
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject(message);
  expect(received[0]?.headers).not.toHaveProperty("webhook-signature");
});

test("user and password of an address are sent, not said", async () => {
  const { url, received } = await startReceiver();
  const receiver = await receiverAt("slack", url.replace("//", "//ann:p%40ss@"));
  expect((await receiver.send("msg_1", event, 0)).ok).toBe(true);
  expect(received[0]?.headers.authorization).toBe(`Basic ${btoa("ann:p@ss")}`);
  expect(JSON.stringify(receiver)).not.toMatch(/ann|p@ss|hush/);
});

describe("a receiver that", () => {
  test.each(Object.entries(faults))(
    "%s is a failure in a few words, without its address",
    async (_, fault) => {
      const { url, received, behave } = await startReceiver();
      behave(fault);
      const begunAt = performance.now();
      const { ok, found } = await (await receiverAt("standard", url)).send("msg_1", event, 0);
      expect(ok).toBe(false);
      expect(found.length).toBeLessThan(200);
      expect(found).not.toContain("hush");
      expect(received).toHaveLength(1);
      expect(performance.now() - begunAt).toBeLessThan(6000);
    },
  );

  test("nobody has started is a failure, too", async () => {
    const receiver = await receiverAt("standard", "http://127.0.0.1:1/hush");
    expect(await receiver.send("msg_1", event, 0)).toMatchObject({ ok: false });
  });

  test("asks for time, or for nothing more, is heard", async () => {
    const { url, behave } = await startReceiver();
    const receiver = await receiverAt("standard", url);
    behave((response) => response.writeHead(429, { "retry-after": "120" }).end());
    expect(await receiver.send("msg_1", event, 0)).toMatchObject({ ok: false, retryAfter: 120_000 });
    behave((response) => response.writeHead(410).end());
    expect(await receiver.send("msg_1", event, 0)).toMatchObject({ ok: false, gone: true });
  });

  test("never ends its answer has been told all the same", async () => {
    const { url, behave } = await startReceiver();
    behave((response) => void response.writeHead(200).write("on and on"));
    expect(await (await receiverAt("standard", url)).send("msg_1", event, 0)).toMatchObject({ ok: true });
  });
});
