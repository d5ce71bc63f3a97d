import { textOfBytes } from "../shared/bytes.ts";
import type { Subscription } from "../shared/subscriber.ts";
import { toRequest, toResult, type EtcdSource } from "./client.ts";

/** The part of an `etcd3` client that the store uses. */
export interface Etcd3Client {
  readonly kv: { txn(request: object, options?: object): Promise<unknown> };
  readonly leaseClient: {
    leaseGrant(request: { readonly TTL: number }, options?: object): Promise<{ readonly ID: string }>;
  };
  watch(): {
    prefix(prefix: string): { create(): Promise<Etcd3Watcher> };
  };
}

/** Its watcher, an event emitter. */
export interface Etcd3Watcher {
  cancel(): Promise<void>;
}

interface Events {
  on(event: string, listener: (change: { readonly key: unknown }) => void): unknown;
}

/** The app's client: used, never closed. */
export function borrowClient(client: Etcd3Client): EtcdSource {
  // The client should give up late answers too.
  const within = (milliseconds: number): object => ({ deadline: Date.now() + milliseconds });
  return {
    async transact(transaction, milliseconds) {
      const request = toRequest(transaction, (text) => Buffer.from(text));
      return toResult(await client.kv.txn(request, within(milliseconds)), toText);
    },
    async grantLease(seconds, milliseconds) {
      return (await client.leaseClient.leaseGrant({ TTL: seconds }, within(milliseconds))).ID;
    },
    subscribe: (prefix) => (heard, lost) => listen(client, prefix, heard, lost),
    close() {},
  };
}

function listen(
  client: Etcd3Client,
  prefix: string,
  heard: (rest: string) => void,
  lost: () => void,
): Subscription {
  let ended = false;
  const cancel = (watcher: Etcd3Watcher): void => void watcher.cancel().catch(() => {});
  const watcher = client.watch().prefix(prefix).create();
  watcher.then((opened) => {
    if (ended) cancel(opened);
  }, lost);
  const subscribed = watcher.then((opened) => {
    const tell = (change: { readonly key: unknown }): void => {
      heard(toText(change.key).slice(prefix.length));
    };
    const events = opened as unknown as Events;
    for (const event of ["put", "delete"]) events.on(event, tell);
    for (const event of ["disconnected", "error", "end"]) events.on(event, lost);
  });
  return {
    subscribed,
    end() {
      if (ended) return;
      ended = true;
      watcher.then(cancel, () => {});
    },
  };
}

function toText(bytes: unknown): string {
  return textOfBytes(bytes) ?? (typeof bytes === "string" ? bytes : "");
}
