import { requireModule } from "../../core/runtime.ts";
import type { HostsUrl } from "../shared/hosts-url.ts";
import { clientUnavailable, isMissing, loadPackage, rethrow } from "../shared/failure.ts";
import { readPem } from "../shared/url.ts";

/** The part of a `@nats-io/transport-node` or `nats` 2 connection that the store uses. */
export interface NatsClient {
  /** The server's. Undefined while disconnected. */
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

/** An answer. */
export interface NatsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reply?: string | undefined;
  readonly headers?: { readonly code: number; get(name: string): string } | undefined;
}

export interface NatsSource {
  /** Connected. */
  client(): Promise<NatsClient>;
  /** The server did not answer: if the connection is the store's own, the next call makes a new one. */
  renew(client: NatsClient): void;
  close(): Promise<void>;
}

/** Milliseconds until a silent server is given up. */
const connectLimit = 2000;

/** The app's connection: used, never closed. */
export function borrowClient(client: NatsClient): NatsSource {
  return {
    async client() {
      // Requests made meanwhile would pile up in it.
      if (client.info === undefined) throw new Error("the client is not connected");
      return client;
    },
    renew() {},
    async close() {},
  };
}

interface OwnClient extends NatsClient {
  close(): Promise<void>;
  /** Internal: no public method lets a process end. */
  readonly protocol?: {
    readonly transport?: { readonly socket?: { unref?(): void } };
    readonly heartbeats?: { cancel?(): void };
  };
}

interface NatsPackage {
  connect(options: object): Promise<NatsClient>;
  headers(): { set(name: string, value: string): void };
}

/** One connection at a time, made on demand: the package's client never retries by itself. */
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
    // Its timer would keep the process alive. A lost server is noticed on the next request.
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
 * The first server that sends a greeting. The packages' clients leave a connection to a silent server open,
 * and the process with it.
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

/** TLS settings, or undefined to leave it to the server. */
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
    return await loadPackage<NatsPackage>(current, async () =>
      import(/* webpackIgnore: true */ /* turbopackIgnore: false */ "@nats-io/transport-node").catch(rethrow),
    );
  } catch (error) {
    if (isMissing(error, current)) {
      const found = await loadPackage<NatsPackage>(former, async () =>
        import(/* webpackIgnore: true */ /* turbopackIgnore: false */ "nats").catch(rethrow),
      ).catch(() => undefined);
      if (found !== undefined) return found;
    }
    throw clientUnavailable(current, "A NATS store", error);
  }
}
