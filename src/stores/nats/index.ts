import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, isIntermissionError, reasonOf, show } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { countDown, withTimeLimit } from "../../core/time-limit.ts";
import { storeClosed, storeFailed, wasNeverSent } from "../shared/failure.ts";
import { parseHostsUrl } from "../shared/hosts-url.ts";
import { redactUrl } from "../shared/url.ts";
import { createSubscriber, type Subscriber } from "../shared/subscriber.ts";
import { borrowClient, connectByUrl, type NatsClient, type NatsSource } from "./client.ts";
import {
  findBucket,
  isMissingStream,
  JetStreamError,
  lastMessage,
  makeBucket,
  noMessage,
  putMessage,
  subjectOf,
  type Bucket,
  type Call,
  type StoredMessage,
} from "./jetstream.ts";
import { listen } from "./listen.ts";
import { natsReports } from "./reports.ts";

export type { NatsClient, NatsMessage } from "./client.ts";

interface NatsStoreSettings {
  /**
   * The bucket of the records; the reports' bucket adds `-reports`.
   * @default "intermission", or the path of the URL
   */
  readonly bucket?: string | undefined;
  /**
   * How many servers keep the buckets, when they are created.
   * @default 3 in a cluster, else 1
   */
  readonly replicas?: number | undefined;
  /**
   * Learn of changes at once, by a consumer.
   * @default true
   */
  readonly watch?: boolean | undefined;
}

export interface NatsStoreWithClient extends NatsStoreSettings {
  /**
   * The app's connection from `@nats-io/transport-node` or `nats` 2. It is never closed here: close it after
   * the store.
   */
  readonly client: NatsClient;
  readonly url?: undefined;
}

export interface NatsStoreWithUrl extends NatsStoreSettings {
  /**
   * `nats://USER:PASSWORD@HOST:4222,HOST:4222/BUCKET`, or `nats://TOKEN@HOST`. `tls:` or the parameter
   * `tls=true` requires TLS; `ca`, `cert` and `key` are paths of PEM files for it. `replicas` is the option.
   */
  readonly url: string;
  readonly client?: undefined;
}

export type NatsStoreOptions = NatsStoreWithClient | NatsStoreWithUrl;

/** Milliseconds in which an operation settles, whatever the server does. */
const readLimit = 1000;
const writeLimit = 3500;

const versionHeader = "Intermission-Version";

/**
 * Keeps the record as a key of a JetStream key-value bucket (nats-server 2.9 or newer). Its version is a
 * message header, because JetStream numbers all messages of a bucket together.
 *
 * @throws IntermissionError `bad-option`
 */
export function natsStore(options: NatsStoreOptions): Store {
  const { source, name, replicas } = toPlace(options);
  const bucket: Bucket = { name, maximumAge: 0, replicas };
  let subscriber: Subscriber | undefined;
  /** The bucket was there. Until then it is looked for before a message is read: see {@link findBucket}. */
  let present: Promise<void> | undefined;
  let closed = false;

  async function readMessage(call: Call, app: string): Promise<StoredMessage> {
    try {
      await (present ??= findBucket(call, bucket).catch((error: unknown) => {
        // The right to ask for it is younger than the right to read.
        if (!/permissions? violation/i.test(reasonOf(error))) throw error;
      }));
      return await lastMessage(call, bucket, keyOf(app));
    } catch (error) {
      present = undefined;
      throw error;
    }
  }

  async function run<Value>(
    milliseconds: number,
    what: string,
    work: (call: Call) => Promise<Value>,
  ): Promise<Value> {
    const remaining = countDown(milliseconds);
    let client: NatsClient | undefined;
    try {
      if (closed) throw storeClosed();
      const begin = async (): Promise<Value> => {
        client = await source.client();
        return await work({ client, remaining });
      };
      return await withTimeLimit(systemClock, milliseconds, begin());
    } catch (error) {
      if (!isIntermissionError(error) && !(error instanceof JetStreamError) && client !== undefined)
        source.renew(client);
      throw toFailure(what, error);
    }
  }

  const store: Store = {
    reports: natsReports(name, replicas, keyOf, (what, work) => run(writeLimit, what, work)),

    async read(app, knownVersion, knownStart = "") {
      return await run(readLimit, "could not be read", async (call) => {
        const message = await readMessage(call, app).catch((error: unknown) => {
          if (!isMissingStream(error)) throw error;
          return undefined;
        });
        const version = message === undefined ? 0 : versionOf(message);
        if (message === undefined || version === 0) return { version: 0 };
        const isKnown = version === knownVersion && message.text.startsWith(knownStart);
        return isKnown ? { version, unchanged: true } : { version, value: message.text };
      });
    },

    write: (app, value, expectedVersion) =>
      run(writeLimit, "could not be written", async (call) => {
        const found = await readMessage(call, app).catch(async (error: unknown) => {
          if (!isMissingStream(error)) throw error;
          if (expectedVersion !== 0) return undefined;
          await makeBucket(call, bucket);
          // Not read again, for the reason in findBucket; whoever has written meanwhile was first.
          return noMessage;
        });
        if (found === undefined || versionOf(found) !== expectedVersion) return false;
        return await putMessage(call, subjectOf(bucket, keyOf(app)), value, {
          sequence: found.sequence,
          headers: { [versionHeader]: String(expectedVersion + 1) },
        });
      }),

    migrate: () => run(writeLimit, "could not be made", (call) => makeBucket(call, bucket)),

    async close() {
      if (closed) return;
      closed = true;
      subscriber?.close();
      await source.close();
    },
  };

  if (options.watch === false) return store;
  return {
    ...store,
    async watch(app, changed) {
      if (closed) throw storeClosed();
      // It hears the key.
      subscriber ??= createSubscriber(async () => {
        const client = await source.client();
        const call: Call = { client, remaining: () => writeLimit };
        return (heard, lost) => listen(call, bucket, heard, lost);
      }, systemClock);
      try {
        return await subscriber.watch(keyOf(app), changed);
      } catch (error) {
        throw toFailure("could not be watched", error);
      }
    },
  };
}

/** Keys allow few characters (ADR-8): others become `=` and two digits for each byte of UTF-8. */
function keyOf(text: string): string {
  return encodeURIComponent(text)
    .replace(/[.!~*'()]/g, toHexByte)
    .replaceAll("%", "=");
}

function toHexByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function versionOf({ sequence, headers }: StoredMessage): number {
  // A key deleted by hand leaves a marker.
  if (sequence === 0 || /^KV-Operation: *(?:DEL|PURGE)\r?$/m.test(headers)) return 0;
  const version = new RegExp(`^${versionHeader}: *(\\d+)\\r?$`, "m").exec(headers)?.[1];
  if (version === undefined) throw new JetStreamError("the key holds a value that is not a record", 0);
  return Number(version);
}

const parameters = ["tls", "ca", "cert", "key", "replicas"];

function toPlace(options: NatsStoreOptions): {
  readonly source: NatsSource;
  readonly name: string;
  readonly replicas: number | undefined;
} {
  const { client, url, bucket, replicas } = options as Partial<Record<"client" | "url", unknown>> &
    NatsStoreSettings;
  const refuse = (problem: string, got: string, remedy?: string): IntermissionError =>
    new IntermissionError("bad-option", {
      problem,
      expected:
        "either client, a connection of the package @nats-io/transport-node, or url, such as nats://USER:PASSWORD@HOST:4222",
      got,
      ...(remedy === undefined ? {} : { remedy }),
    });
  const check = (name: string, count: number | undefined, shown = show(name)): void => {
    if (!/^[\w-]{1,100}$/.test(name))
      throw refuse("The bucket of the NATS store can't be used", shown, "Use letters, digits, _ and -.");
    if (count !== undefined && ![1, 3, 5].includes(count))
      throw refuse("The replicas of the NATS store can't be used", String(count), "Name 1, 3 or 5.");
  };
  if (client !== undefined && url === undefined) {
    if (!isClient(client)) throw refuse("The client of the NATS store can't be used", show(client));
    const name = bucket ?? "intermission";
    check(name, replicas);
    return { source: borrowClient(client), name, replicas };
  }
  const parsed =
    client === undefined && typeof url === "string" ? parseHostsUrl(url, 4222, parameters) : undefined;
  const tls = parsed?.parameters.get("tls") ?? "true";
  if (parsed === undefined || !/^(?:nats|tls):$/.test(parsed.scheme) || tls !== "true") {
    throw refuse(
      "The options of the NATS store can't be used",
      client !== undefined ? "both" : typeof url === "string" ? show(redactUrl(url)) : show(url),
      "Percent-encode special characters in the user and the password. The parameters are tls=true, ca, cert, key and replicas.",
    );
  }
  const name = bucket ?? (parsed.path === "" ? "intermission" : parsed.path);
  const asked = parsed.parameters.get("replicas");
  const count = replicas ?? (asked === null ? undefined : Number(asked));
  // What stands there may be a part of a password with a slash in it.
  check(name, count, bucket === undefined ? "a name with other characters in the URL" : undefined);
  return { source: connectByUrl(parsed), name, replicas: count };
}

function isClient(client: unknown): client is NatsClient {
  if (typeof client !== "object" || client === null) return false;
  const { request, subscribe, closed } = client as Readonly<Record<string, unknown>>;
  return [request, subscribe, closed].every((method) => typeof method === "function");
}

function toFailure(what: string, cause: unknown): IntermissionError {
  if (isIntermissionError(cause)) return cause;
  const neverWritten = cause instanceof JetStreamError || wasNeverSent(cause) ? false : undefined;
  return storeFailed(`The NATS store ${what}`, cause, remedyFor(reasonOf(cause)), neverWritten);
}

function remedyFor(reason: string): string {
  if (/authori[sz]ation|authentication/i.test(reason))
    return "Check the user and the password, or the token, in the store's URL.";
  if (/permissions? violation/i.test(reason))
    return "Allow the user to publish to $JS.API.> and, for deploys, to $KV.intermission.>, and to subscribe to _INBOX.>.";
  if (/nobody answers for JetStream|not enabled/i.test(reason))
    return "Start the servers with JetStream (nats-server -js), and enable it for the account.";
  if (/suitable peers|insufficient resources/i.test(reason))
    return "Start the servers that are missing, or say how many should keep the bucket: ?replicas=1.";
  if (/exceeds? maximum|maximum (?:bytes|messages)|resources? (?:limits? )?exceeded|no space/i.test(reason))
    return "Raise the limits of the bucket or of JetStream, or free space on the server's disk.";
  if (/certificate|self-signed|TLS|SSL/i.test(reason))
    return "Check the certificates: tls:// with ca, and cert and key where the server asks for them.";
  if (reason.includes("not a record")) return "Something else uses the bucket: name another one.";
  return "Check that the server is running and can be reached from here.";
}
