import type { Subscribe } from "../shared/subscriber.ts";

/** A key and its value, as etcd keeps them. Numbers are strings, because they have 64 bits. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** How often it was written since it was created. */
  readonly version: string;
}

/** The part of etcd's transactions (`etcdserverpb.TxnRequest`) that the store uses. */
export interface Transaction {
  /**
   * Runs `success` if the key has this version (0: does not exist), and a value that starts like this and is
   * longer; else `failure`. ASCII.
   */
  readonly ifVersion?: { readonly key: string; readonly version: number; readonly start?: string };
  readonly success: readonly Operation[];
  readonly failure?: readonly Operation[];
}

export type Operation =
  | { readonly get: string; readonly keysOnly?: true }
  /** All keys with this prefix, last written first. */
  | { readonly list: string; readonly limit: number }
  | { readonly put: string; readonly value: string; readonly lease?: string };

export interface TransactionResult {
  readonly succeeded: boolean;
  /** What the single operation found, if it looked for something. */
  readonly found: readonly KeyValue[];
}

/** etcd by either transport. */
export interface EtcdSource {
  /** Rejects if there is no answer after so many milliseconds. */
  transact(transaction: Transaction, milliseconds: number): Promise<TransactionResult>;
  /** A lease of so many seconds that is not kept alive. */
  grantLease(seconds: number, milliseconds: number): Promise<string>;
  /** Hears of writes to keys with this prefix. It hears the rest of the key. */
  subscribe(prefix: string): Subscribe;
  close(): void;
}

/**
 * The request that `exec` of `etcd3` and the JSON gateway both take; they differ only in how they encode
 * bytes.
 */
export function toRequest(
  { ifVersion, success, failure = [] }: Transaction,
  bytes: (text: string) => unknown,
): object {
  const toOperation = (operation: Operation): object => {
    if ("put" in operation) {
      const { put, value, lease } = operation;
      return {
        request_put: { key: bytes(put), value: bytes(value), ...(lease === undefined ? {} : { lease }) },
      };
    }
    if ("list" in operation) {
      const { list, limit } = operation;
      const order = { sort_order: descending, sort_target: byRevision };
      return { request_range: { ...order, key: bytes(list), range_end: bytes(endOf(list)), limit } };
    }
    return { request_range: { key: bytes(operation.get), keys_only: operation.keysOnly ?? false } };
  };
  const compare =
    ifVersion === undefined
      ? []
      : [
          {
            target: ofVersion,
            result: equal,
            key: bytes(ifVersion.key),
            version: String(ifVersion.version),
          },
          ...startsWith(ifVersion.start ?? "").map(([result, value]) => ({
            target: ofValue,
            result,
            key: bytes(ifVersion.key),
            value: bytes(value),
          })),
        ];
  return { compare, success: success.map(toOperation), failure: failure.map(toOperation) };
}

/** What a value with this start is compared with. */
function startsWith(start: string): readonly (readonly [result: number, value: string])[] {
  if (start === "") return [];
  const next = `${start.slice(0, -1)}${String.fromCharCode(start.charCodeAt(start.length - 1) + 1)}`;
  return [
    [greater, start],
    [less, next],
  ];
}

// By number, because `etcd3` spells the names differently from the protocol.
const equal = 0;
const greater = 1;
const less = 2;
const ofVersion = 0;
const ofValue = 3;
const descending = 2;
const byRevision = 3;

/** The key after all those with this prefix. The store's prefixes end with a slash. */
export function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

/** Parses the answer to {@link toRequest}. */
export function toResult(response: unknown, text: (bytes: unknown) => string): TransactionResult {
  const { succeeded, responses } = response as {
    readonly succeeded?: boolean;
    readonly responses?: readonly {
      readonly response_range?: { readonly kvs?: readonly Readonly<Record<keyof KeyValue, unknown>>[] };
    }[];
  };
  if (typeof response !== "object" || response === null) throw new Error("an answer that etcd never gives");
  const found = responses?.[0]?.response_range?.kvs ?? [];
  return {
    succeeded: succeeded === true,
    found: found.map(({ key, value, version }) => ({
      key: text(key),
      value: text(value),
      version: String(version),
    })),
  };
}
