import { systemClock } from "../../core/runtime.ts";
import { loadNats, type NatsClient, type NatsMessage } from "./client.ts";

/** JetStream refused. */
export class JetStreamError extends Error {
  /** The API's `err_code`, else the status. */
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Codes of JetStream's API (nats-server, `server/errors.json`). */
const code = {
  noSuitablePeers: 10_005,
  noMessage: 10_037,
  nameInUse: 10_058,
  noStream: 10_059,
  notClustered: 10_074,
  wrongSequence: 10_071,
  /** The same in 2.11 and newer, while another write is being replicated. */
  wrongSequenceMeanwhile: 10_164,
} as const;

export function isMissingStream(error: unknown): boolean {
  return error instanceof JetStreamError && error.code === code.noStream;
}

/**
 * A bucket of JetStream's key-value store (ADR-8 of nats-architecture-and-design): a stream with one message
 * per key.
 */
export interface Bucket {
  readonly name: string;
  /** Milliseconds after which a message is deleted. 0: never. */
  readonly maximumAge: number;
  /** How many servers keep it. Undefined: 3 in a cluster, else 1. */
  readonly replicas?: number | undefined;
}

export interface StoredMessage {
  /** 0: there is none. */
  readonly sequence: number;
  readonly text: string;
  /** As sent. */
  readonly headers: string;
}

export const noMessage: StoredMessage = { sequence: 0, text: "", headers: "" };

export const streamOf = ({ name }: Bucket): string => `KV_${name}`;
export const subjectOf = ({ name }: Bucket, key: string): string => `$KV.${name}.${key}`;

/** A connection and its time limit in milliseconds. */
export interface Call {
  readonly client: NatsClient;
  remaining(): number;
}

/** The last message of a key, from the leader: a direct get may be answered by a replica that lags behind. */
export async function lastMessage(call: Call, bucket: Bucket, key: string): Promise<StoredMessage> {
  try {
    const { message } = await ask<{ readonly message: Readonly<Record<string, unknown>> }>(
      call,
      `$JS.API.STREAM.MSG.GET.${streamOf(bucket)}`,
      { last_by_subj: subjectOf(bucket, key) },
    );
    const { seq, data = "", hdrs = "" } = message as { seq: number; data?: string; hdrs?: string };
    return { sequence: seq, text: fromBase64(data), headers: fromBase64(hdrs) };
  } catch (error) {
    if (error instanceof JetStreamError && error.code === code.noMessage) return noMessage;
    throw error;
  }
}

/**
 * Writes the message of a key.
 *
 * @param expectedSequence The key's last, 0 for none. False: it has another, and nothing was written.
 */
export async function putMessage(
  call: Call,
  subject: string,
  text: string,
  expected?: { readonly sequence: number; readonly headers: Readonly<Record<string, string>> },
): Promise<boolean> {
  try {
    let headers: { set(name: string, value: string): void } | undefined;
    if (expected !== undefined) {
      headers = (await loadNats()).headers();
      headers.set("Nats-Expected-Last-Subject-Sequence", String(expected.sequence));
      for (const [name, value] of Object.entries(expected.headers)) headers.set(name, value);
    }
    await sendSoon(call, subject, text, headers);
    return true;
  } catch (error) {
    const refused: readonly unknown[] = [code.wrongSequence, code.wrongSequenceMeanwhile];
    if (error instanceof JetStreamError && refused.includes(error.code)) return false;
    throw error;
  }
}

/**
 * Rejects if it does not exist; see {@link isMissingStream}. Not by reading a message: nats-server 2.9
 * crashes if that comes while somebody else creates the stream.
 */
export async function findBucket(call: Call, bucket: Bucket): Promise<void> {
  await ask(call, `$JS.API.STREAM.INFO.${streamOf(bucket)}`, {});
}

/** Creates the bucket if it does not exist. */
export async function makeBucket(call: Call, bucket: Bucket): Promise<void> {
  const create = (replicas: number): Promise<unknown> =>
    ask(call, `$JS.API.STREAM.CREATE.${streamOf(bucket)}`, {
      ...{ name: streamOf(bucket), subjects: [subjectOf(bucket, ">")] },
      ...{ retention: "limits", storage: "file", discard: "new", num_replicas: replicas },
      ...{ max_msgs_per_subject: 1, max_msgs: -1, max_bytes: -1, max_msg_size: -1, max_consumers: -1 },
      ...{ max_age: bucket.maximumAge * 1e6, allow_rollup_hdrs: true, deny_delete: true },
    });
  try {
    await create(bucket.replicas ?? 3).catch((error: unknown) => {
      const isAlone = error instanceof JetStreamError && error.code === code.notClustered;
      if (!isAlone || bucket.replicas !== undefined) throw error;
      return create(1);
    });
  } catch (error) {
    if (!(error instanceof JetStreamError)) throw error;
    // Somebody else created it, perhaps with other settings.
    if (error.code !== code.nameInUse) throw error;
  }
}

/** What a consumer delivers, and its position. */
export interface Delivery {
  readonly message: NatsMessage;
  /** Counts up from 1. */
  readonly position: number;
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
}

/** Hears of the messages below a key, without requesting each. Deletes itself when nobody listens. */
export interface Consumer {
  /** Rejects if it fails. */
  readonly created: Promise<{ readonly now: number; readonly count: number }>;
  end(): void;
}

/** Milliseconds between the heartbeats of an idle consumer. */
export const heartbeat = 2000;

/**
 * @param policy `new`: later writes, without their text; `last_per_subject`: what exists.
 * @param idle Called with each heartbeat with the number delivered.
 */
export function consume(
  call: Call,
  bucket: Bucket,
  key: string,
  policy: "new" | "last_per_subject",
  heard: (delivery: Delivery) => void,
  idle: (position: number) => void,
): Consumer {
  const inbox = inboxOf(call.client);
  const subscription = call.client.subscribe(inbox, {
    callback(error, message) {
      // The client ended the subscription: no heartbeats came.
      if (error !== null) return;
      if (message.headers?.code !== 100) {
        heard(toDelivery(message));
        return;
      }
      // Flow control: the server waits until this is sent back.
      const waiting = message.reply ?? message.headers.get("Nats-Consumer-Stalled");
      if (waiting !== "") call.client.publish(waiting);
      const position = message.headers.get("Nats-Last-Consumer");
      if (position !== "") idle(Number(position));
    },
  });
  const config = {
    ...{ deliver_subject: inbox, deliver_policy: policy, filter_subject: subjectOf(bucket, key) },
    ...{ ack_policy: "none", max_deliver: 1, headers_only: policy === "new" },
    ...{ flow_control: true, idle_heartbeat: heartbeat * 1e6, inactive_threshold: 10e9 },
    ...{ mem_storage: true, num_replicas: 1 },
  };
  const stream_name = streamOf(bucket);
  const created = ask<{
    readonly created: string;
    readonly num_pending: number;
    readonly delivered: { readonly consumer_seq: number };
  }>(call, `$JS.API.CONSUMER.CREATE.${stream_name}`, { stream_name, config });
  return {
    // Some may have been delivered before the answer was written.
    created: created.then((info) => ({
      now: Date.parse(info.created),
      count: info.num_pending + info.delivered.consumer_seq,
    })),
    end() {
      subscription.unsubscribe();
    },
  };
}

/**
 * Reads `$JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE.POSITION.NANOSECONDS.PENDING`; newer: with domain and
 * account.
 */
function toDelivery(message: NatsMessage): Delivery {
  const words = (message.reply ?? "").split(".");
  const [position, nanoseconds] = words.slice(words.length > 9 ? 8 : 6);
  return { message, position: Number(position), at: Math.floor(Number(nanoseconds) / 1e6) };
}

function inboxOf(client: NatsClient): string {
  const { options } = client as { readonly options?: { readonly inboxPrefix?: string } };
  const random = Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
  return `${options?.inboxPrefix ?? "_INBOX"}.${random}`;
}

const ask = <Answer>(call: Call, subject: string, body: object): Promise<Answer> =>
  send<Answer>(call, subject, JSON.stringify(body));

async function send<Answer>(
  { client, remaining }: Call,
  subject: string,
  text: string,
  headers?: object,
): Promise<Answer> {
  const options = { timeout: Math.max(1, Math.ceil(remaining())), ...(headers && { headers }) };
  const message = await client
    .request(subject, new TextEncoder().encode(text), options as never)
    .catch(rethrowPlain);
  const answer = JSON.parse(toText(message.data)) as {
    readonly error?: { readonly code?: number; readonly err_code?: number; readonly description?: string };
  };
  if (answer.error === undefined) return answer as Answer;
  const { description = "JetStream refused", err_code, code: status = 0 } = answer.error;
  throw new JetStreamError(description, err_code ?? status);
}

/** The longest of the pauses, each of which is twice the one before. Milliseconds. */
const longestPause = 200;

/** A stream that somebody else is creating does not listen yet. What nobody heard was not written. */
async function sendSoon(call: Call, subject: string, text: string, headers?: object): Promise<void> {
  for (let pause = 25; ; pause *= 2) {
    try {
      await send(call, subject, text, headers);
      return;
    } catch (error) {
      const isUnheard = error instanceof JetStreamError && error.code === unheard;
      if (!isUnheard || pause > longestPause || call.remaining() < 2 * pause) throw error;
      await new Promise<void>((resume) => systemClock.after(pause, resume, { ref: true }));
    }
  }
}

const unheard = 503;

/** Nobody listens there. */
function rethrowPlain(error: unknown): never {
  // The second is from version 2.
  if (!(error instanceof Error) || !/^no responders|^503$/.test(error.message)) throw error;
  throw new JetStreamError("nobody answers for JetStream", unheard);
}

export function toText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function fromBase64(text: string): string {
  return toText(Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
}
