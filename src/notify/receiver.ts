import { IntermissionError, reasonOf } from "../core/errors.ts";
import type { Webhook } from "../core/settings/values.ts";
import type { NotifiedEvent } from "./event.ts";

/** Somebody who is told. */
export interface Receiver {
  /** Says nothing of its address, which may be a secret. */
  readonly id: string;
  /** Its kind and host, for people. */
  readonly name: string;
  /** Never rejects, and takes at most as long as the time limit. */
  send(id: string, event: NotifiedEvent, sentAt: number): Promise<Delivery>;
}

export interface Delivery {
  readonly ok: boolean;
  /** Such as `HTTP 204`. Without secrets. */
  readonly found: string;
  /** It wants to hear nothing more (410). */
  readonly gone?: true;
  /** Milliseconds it wants to be left alone. */
  readonly retryAfter?: number;
}

/** Time limit for an answer. Milliseconds. */
const answerWithin = 4000;
const longestRetryAfter = 3_600_000;

type Key = Awaited<ReturnType<typeof toKey>>;

/** @throws IntermissionError `bad-option`: a receiver of generic JSON without a secret. */
export async function createReceivers(
  webhooks: readonly Webhook[],
  secrets: readonly string[],
): Promise<readonly Receiver[]> {
  if (secrets.length === 0 && webhooks.some(({ kind }) => kind === "standard")) {
    throw new IntermissionError("bad-option", {
      problem: "MAINTENANCE_WEBHOOK can't be used without MAINTENANCE_WEBHOOK_SECRET",
      expected: "a secret to sign with, such as whsec_ and the output of: openssl rand -base64 32",
      remedy:
        "Set it, and give it to the receiver. For a chat, begin the address with slack:, discord: or teams:.",
    });
  }
  const keys = await Promise.all(secrets.map(toKey));
  return Promise.all(
    webhooks.map(async (webhook) => ({
      id: await digest(`${webhook.kind} ${webhook.url}`),
      name: `${webhook.kind === "standard" ? "" : `${webhook.kind} `}${new URL(webhook.url).host}`,
      send: (id, event, sentAt) => send(webhook, keys, { id, event, sentAt }),
    })),
  );
}

interface Message {
  readonly id: string;
  readonly event: NotifiedEvent;
  readonly sentAt: number;
}

async function send({ kind, url }: Webhook, keys: readonly Key[], message: Message): Promise<Delivery> {
  try {
    const body = JSON.stringify(bodies[kind](message.event));
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (kind === "standard") Object.assign(headers, await sign(keys, message, body));
    const { href, authorization } = withoutCredentials(url);
    if (authorization !== undefined) headers["authorization"] = authorization;
    const response = await fetch(href, {
      ...{ method: "POST", headers, body },
      // A redirect may lead anywhere, with what we say.
      redirect: "manual",
      signal: AbortSignal.timeout(answerWithin),
    });
    // Only the status counts; a body may never end.
    response.body?.cancel().catch(() => undefined);
    const { status } = response;
    const wanted = Number(response.headers.get("retry-after"));
    return {
      ok: status >= 200 && status <= 299,
      found: status >= 300 && status <= 399 ? `HTTP ${String(status)}, a redirect` : `HTTP ${String(status)}`,
      ...(status === 410 ? { gone: true } : {}),
      ...(wanted > 0 ? { retryAfter: Math.min(wanted * 1000, longestRetryAfter) } : {}),
    };
  } catch (error) {
    return { ok: false, found: describe(error) };
  }
}

/** Without the address, which `fetch` may repeat. */
function describe(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer within ${String(answerWithin / 1000)} s`;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { code } = Object(cause) as { readonly code?: unknown };
  if (typeof code === "string") return code;
  return reasonOf(cause)
    .replaceAll(/[a-z]+:\/\/\S+/gi, "its address")
    .slice(0, 200);
}

/** `fetch` refuses user and password in an address. */
function withoutCredentials(url: string): { readonly href: string; readonly authorization?: string } {
  const parsed = new URL(url);
  const { username, password } = parsed;
  if (username === "" && password === "") return { href: url };
  parsed.username = parsed.password = "";
  const pair = new TextEncoder().encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { href: parsed.href, authorization: `Basic ${toBase64(pair)}` };
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
async function sign(
  keys: readonly Key[],
  { id, sentAt }: Message,
  body: string,
): Promise<Readonly<Record<string, string>>> {
  const timestamp = String(Math.floor(sentAt / 1000));
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(
    keys.map(async (key) => `v1,${toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, signed)))}`),
  );
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

async function toKey(secret: string) {
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) => character.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes.subarray(0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

const bodies: Readonly<Record<Webhook["kind"], (event: NotifiedEvent) => object>> = {
  standard: ({ type, at, app, text, data }) => ({
    type,
    timestamp: new Date(at).toISOString(),
    data: { app, text, ...data },
  }),
  // https://docs.slack.dev/messaging/formatting-message-text#escaping
  slack: ({ text }) => ({
    text: text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  }),
  // A release called @everyone calls nobody.
  discord: ({ text }) => ({ content: text, allowed_mentions: { parse: [] } }),
  // https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
  teams: ({ text }) => ({
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          type: "AdaptiveCard",
          version: "1.4",
          body: [{ type: "TextBlock", text, wrap: true }],
        },
      },
    ],
  }),
};
