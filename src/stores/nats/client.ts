import { requireModule } from "../../core/runtime.ts";
import type { HostsUrl } from "../shared/hosts-url.ts";
import { clientUnavailable, isMissing, loadPackage } from "../shared/failure.ts";
import { readPem } from "../shared/url.ts";

/** The part of a connection of `@nats-io/transport-node`, or of `nats` 2, that the store uses. */
export interface NatsClient {
  /** Of the server. Undefined while there is no connection. */
  readonly info?: object | undefined;
  request(
    subject: string,
    payload: Uint8Array,
    options: { readonly timeout: number; readonly headers?: never },
  ): Promise<NatsMessage>;
  publish(subject: string): void;
  subscribe(
    subject: string,
    options: { readonly callback: (error: Error | null, message: NatsMessage) => void },
  ): { unsubscribe(): void };
  closed(): Promise<unknown>;
}

/** What it is answered. */
export interface NatsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply?: string | undefined;
  readonly headers?: { readonly code: number; get(name: string): string } | undefined;
}

/** Where a connection comes from. */
export interface NatsSource {
  /** One that is connected. */
  client(): Promise<NatsClient>;
  /** The server did not answer: if the connection is the store's own, the next call makes another. */
  renew(client: NatsClient): void;
  close(): Promise<void>;
}

/** Milliseconds until a server that says nothing is given up. */
const connectLimit = 2000;

/** A connection that belongs to the app: used, never closed. */
export function borrowClient(client: NatsClient): NatsSource {
  return {
    async client() {
      // What is asked meanwhile would pile up in it.
      if (client.info === undefined) throw new Error("the client is not connected");
      return client;
    },
    renew() {},
    async close() {},
  };
}

interface OwnClient extends NatsClient {
  close(): Promise<void>;
  /** Its inside: no method of the packages lets a process end. */
  readonly protocol?: {
    readonly transport?: { readonly socket?: { unref?(): void } };
    readonly heartbeats?: { cancel?(): void };
  };
}

interface NatsPackage {
  connect(options: object): Promise<NatsClient>;
  headers(): { set(name: string, value: string): void };
}

/** One connection at a time. It is made on demand: the client of the package is never left to try by itself. */
export function connectByUrl(address: HostsUrl): NatsSource {
  let current: Promise<OwnClient> | undefined;
  let connected: OwnClient | undefined;

  const forget = (): void => {
    connected = current = undefined;
  };

  async function connect(): Promise<OwnClient> {
    const [{ connect: open }, tls] = [await loadNats(), toTls(address)];
    const host = await findServer(address.hosts);
    const credentials =
      address.password === undefined
        ? { token: address.user }
        : { user: address.user, pass: address.password };
    const options = { servers: host, name: "intermission", timeout: connectLimit, reconnect: false };
    const client = (await open({ ...options, ...credentials, ...(tls && { tls }) })) as OwnClient;
    client.protocol?.transport?.socket?.unref?.();
    // Its timer would keep the process alive. A server that is gone is noticed when something is asked of it.
    client.protocol?.heartbeats?.cancel?.();
    void client.closed().then(() => {
      if (connected === client) forget();
    });
    connected = client;
    return client;
  }

  return {
    client() {
      current ??= connect().catch((error: unknown) => {
        forget();
        throw error;
      });
      return current;
    },
    renew(client) {
      if (connected !== client) return;
      const given = connected;
      forget();
      void given.close().catch(() => {});
    },
    async close() {
      const given = await current?.catch(() => undefined);
      await given?.close().catch(() => {});
    },
  };
}

/**
 * The first server that greets. The packages' clients leave a connection open on which the server says nothing, and
 * with it the process.
 */
async function findServer(hosts: readonly string[]): Promise<string> {
  const net = requireModule("node:net");
  const attempts = hosts.map((host) => {
    const { hostname, port } = new URL(`tcp://${host}`);
    const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
    const greeted = new Promise<string>((resolve, reject) => {
      socket.setTimeout(connectLimit, () => {
        reject(new Error(`no answer within ${String(connectLimit)} ms`));
      });
      socket.once("data", (bytes) => {
        if (bytes.subarray(0, 5).toString() === "INFO ") resolve(host);
        else reject(new Error("what answers there is no NATS server"));
      });
      socket.once("error", reject);
      socket.once("close", () => {
        reject(new Error("the connection was closed"));
      });
    });
    return greeted.finally(() => socket.destroy());
  });
  try {
    return await Promise.any(attempts);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  }
}

/** With TLS, or undefined where it is left to the server. */
function toTls({ scheme, parameters }: HostsUrl): object | undefined {
  const files = ["ca", "cert", "key"].flatMap((name) => {
    const path = parameters.get(name);
    return path === null ? [] : [[name, readPem(path)]];
  });
  const isAsked = scheme === "tls:" || parameters.get("tls") === "true" || files.length > 0;
  return isAsked ? (Object.fromEntries(files) as object) : undefined;
}

/** @throws IntermissionError `client-missing` */
export async function loadNats(): Promise<NatsPackage> {
  const [current, former] = ["@nats-io/transport-node", "nats"] as const;
  try {
    return await loadPackage<NatsPackage>(current, async () => import("@nats-io/transport-node"));
  } catch (error) {
    if (isMissing(error, current)) {
      const found = await loadPackage<NatsPackage>(former, async () => import("nats")).catch(() => undefined);
      if (found !== undefined) return found;
    }
    throw clientUnavailable(current, "A NATS store", error);
  }
}
