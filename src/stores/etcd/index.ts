import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, isIntermissionError, reasonOf, show } from "../../core/errors.ts";
import { maximumReports, type ReportStore, type Store } from "../../core/ports.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { storeClosed, storeDenied, storeFailed } from "../shared/failure.ts";
import { parseHostsUrl } from "../shared/hosts-url.ts";
import { redactUrl } from "../shared/url.ts";
import { createSubscriber, type Subscriber } from "../shared/subscriber.ts";
import type { EtcdSource, KeyValue, Transaction, TransactionResult } from "./client.ts";
import { borrowClient, type Etcd3Client } from "./etcd3.ts";
import { connectToGateway } from "./gateway.ts";

export type { Etcd3Client, Etcd3Watcher } from "./etcd3.ts";

interface EtcdStoreSettings {
  /**
   * Prefix of all keys, before `intermission/`.
   * @default "", or the path of the URL and a slash
   */
  readonly prefix?: string | undefined;
  /**
   * Learn of changes at once, by a watch.
   * @default true
   */
  readonly watch?: boolean | undefined;
}

export interface EtcdStoreWithClient extends EtcdStoreSettings {
  /** The app's client from the package `etcd3`. It is never closed here: close it after the store. */
  readonly client: Etcd3Client;
  readonly url?: undefined;
}

export interface EtcdStoreWithUrl extends EtcdStoreSettings {
  /**
   * `etcd://USER:PASSWORD@HOST:2379,HOST:2379/PREFIX`, or `etcds:` with TLS, which allows the parameters
   * `ca`, `cert` and `key`: paths of PEM files.
   */
  readonly url: string;
  readonly client?: undefined;
}

export type EtcdStoreOptions = EtcdStoreWithClient | EtcdStoreWithUrl;

/** Milliseconds in which an operation settles, whatever the server does. */
const readLimit = 1000;
const writeLimit = 3500;

const parameters = ["ca", "cert", "key"];

/**
 * Keeps the record in a key of etcd 3.4 or newer, `intermission/record/` and the app. Its version is the
 * key's own.
 *
 * etcd has no clock: the times of reports are those of the machines that put and list them.
 *
 * @throws IntermissionError `bad-option`
 */
export function etcdStore(options: EtcdStoreOptions): Store {
  const { open, prefix } = toSource(options);
  const records = `${prefix}intermission/record/`;
  let source: EtcdSource | undefined;
  let subscriber: Subscriber | undefined;
  let closed = false;

  function connected(): EtcdSource {
    if (closed) throw storeClosed();
    return (source ??= open());
  }

  async function bounded<Value>(
    milliseconds: number,
    what: string,
    work: (source: EtcdSource) => Promise<Value>,
  ): Promise<Value> {
    try {
      // The source has its own time limit, but a client of another version might not.
      return await withTimeLimit(systemClock, milliseconds + 200, work(connected()));
    } catch (error) {
      throw toFailure(what, error);
    }
  }

  const transact = (
    milliseconds: number,
    what: string,
    transaction: Transaction,
  ): Promise<TransactionResult> =>
    bounded(milliseconds, what, (from) => from.transact(transaction, milliseconds));

  const store: Store = {
    reports: etcdReports(`${prefix}intermission/report/`, transact, (seconds) =>
      bounded(writeLimit, "could not keep a report", (from) => from.grantLease(seconds, writeLimit)),
    ),

    async read(app, knownVersion = -1, knownStart = "") {
      const key = records + app;
      const {
        succeeded,
        found: [record],
      } = await transact(readLimit, "could not be read", {
        ...(knownVersion > 0 ? { ifVersion: { key, version: knownVersion, start: knownStart } } : {}),
        success: [knownVersion > 0 ? { get: key, keysOnly: true } : { get: key }],
        failure: [{ get: key }],
      });
      if (record === undefined) return { version: 0 };
      if (knownVersion > 0 && succeeded) return { version: knownVersion, unchanged: true };
      return { version: Number(record.version), value: record.value };
    },

    async write(app, value, expectedVersion) {
      const key = records + app;
      const { succeeded } = await transact(writeLimit, "could not be written", {
        ifVersion: { key, version: expectedVersion },
        success: [{ put: key, value }],
      });
      return succeeded;
    },

    async close() {
      if (closed) return;
      closed = true;
      subscriber?.close();
      source?.close();
    },
  };

  if (options.watch === false) return store;
  return {
    ...store,
    async watch(app, changed) {
      if (closed) throw storeClosed();
      subscriber ??= createSubscriber(async () => connected().subscribe(records), systemClock);
      try {
        return await subscriber.watch(app, changed);
      } catch (error) {
        throw toFailure("could not be watched", error);
      }
    },
  };
}

/** Reports under a separate prefix for each app. etcd deletes them when their lease ends. */
function etcdReports(
  prefix: string,
  transact: (
    milliseconds: number,
    what: string,
    transaction: Transaction,
  ) => Promise<{ readonly found: readonly KeyValue[] }>,
  grant: (seconds: number) => Promise<string>,
): ReportStore {
  const keysOf = (app: string): string => `${prefix}${encodeURIComponent(app)}/`;
  const leases = new Map<number, { readonly id: Promise<string>; readonly until: number }>();

  /** Valid for at least `keepFor`. A lease of twice that length serves all puts meanwhile. */
  function leaseFor(keepFor: number): Promise<string> {
    const known = leases.get(keepFor);
    if (known !== undefined && performance.now() < known.until) return known.id;
    const id = grant(Math.ceil((2 * keepFor) / 1000) + 1);
    leases.set(keepFor, { id, until: performance.now() + keepFor });
    id.catch(() => leases.delete(keepFor));
    return id;
  }

  return {
    async put(app, id, value, keepFor) {
      const put = async (): Promise<void> => {
        const lease = await leaseFor(keepFor);
        const now = Date.now();
        const text = `${String(now)} ${String(now + Math.round(keepFor))} ${value}`;
        await transact(writeLimit, "could not keep a report", {
          success: [{ put: keysOf(app) + id, value: text, lease }],
        });
      };
      try {
        await put();
      } catch (error) {
        if (reasonOf(error).includes("permission denied")) {
          const remedy = `Grant the user's role reading and writing with the prefix ${prefix}.`;
          throw storeDenied("The etcd store may not keep reports", error, remedy);
        }
        // Another server, or one restored from a backup: it does not know the lease.
        if (!reasonOf(error).includes("lease not found")) throw error;
        leases.delete(keepFor);
        await put();
      }
    },

    async list(app, within = Number.POSITIVE_INFINITY) {
      const keys = keysOf(app);
      const { found } = await transact(writeLimit, "could not list its reports", {
        success: [{ list: keys, limit: maximumReports }],
      });
      const now = Date.now();
      const reports = found.flatMap(({ key, value }) => {
        const [, at = "", until = "", text = ""] = /^(\d+) (\d+) (.*)$/s.exec(value) ?? [];
        const report = { id: key.slice(keys.length), value: text, at: Math.min(Number(at), now) };
        return Number(until) > now && report.at >= now - within ? [report] : [];
      });
      return { now, reports };
    },
  };
}

function toSource(options: EtcdStoreOptions): {
  readonly open: () => EtcdSource;
  readonly prefix: string;
} {
  const { client, url, prefix } = options as {
    readonly client?: unknown;
    readonly url?: unknown;
    readonly prefix?: string;
  };
  const expected = "either client, of the package etcd3, or url, such as etcd://USER:PASSWORD@HOST:2379";
  if (client !== undefined && url === undefined) {
    if (isClient(client)) return { open: () => borrowClient(client), prefix: prefix ?? "" };
    throw new IntermissionError("bad-option", {
      problem: "The client of the etcd store can't be used",
      expected,
      got: show(client),
    });
  }
  const parsed =
    client === undefined && typeof url === "string" ? parseHostsUrl(url, 2379, parameters) : undefined;
  const isTlsAsked = parsed !== undefined && [...parsed.parameters.keys()].length > 0;
  if (parsed !== undefined && /^etcds?:$/.test(parsed.scheme) && (parsed.scheme === "etcds:" || !isTlsAsked))
    return {
      open: () => connectToGateway(parsed),
      prefix: prefix ?? (parsed.path === "" ? "" : `${parsed.path}/`),
    };
  throw new IntermissionError("bad-option", {
    problem: "The options of the etcd store can't be used",
    expected,
    got: client !== undefined ? "both" : typeof url === "string" ? show(redactUrl(url)) : show(url),
    remedy:
      "Percent-encode special characters in the user and the password. The parameters ca, cert and key, paths of PEM files, go with etcds: alone.",
  });
}

function isClient(client: unknown): client is Etcd3Client {
  if (typeof client !== "object" || client === null) return false;
  const { kv, leaseClient, watch } = client as Readonly<Record<string, unknown>>;
  return typeof kv === "object" && typeof leaseClient === "object" && typeof watch === "function";
}

function toFailure(what: string, cause: unknown): IntermissionError {
  if (isIntermissionError(cause)) return cause;
  return storeFailed(`The etcd store ${what}`, cause, remedyFor(reasonOf(cause)));
}

function remedyFor(reason: string): string {
  if (/authentication failed|user name is empty|invalid auth/i.test(reason))
    return "Check the user and the password in the store's URL.";
  if (/permission denied/i.test(reason))
    return "Grant the user's role reading, and for deploys writing, with the prefix intermission/.";
  if (/certificate|self-signed|TLS|SSL|wrong version number/i.test(reason))
    return "Check the certificates: etcds: with ca, and cert and key where the server asks for them.";
  if (/HTTP request to an HTTPS|socket hang up|ECONNRESET|no JSON/i.test(reason))
    return "Check that etcd is running there, and whether it asks for TLS (etcds: in place of etcd:).";
  if (/no space|space exceeded|NOSPACE/i.test(reason))
    return "Compact and defragment etcd, then disarm its alarm.";
  if (/no leader|request timed out/i.test(reason))
    return "Check that most servers of the cluster are running.";
  return "Check that the server is running and can be reached from here.";
}
