import { IntermissionError, show } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { toAddress, maximumBodyBytes, maximumListBytes, type PutBody, type WriteBody } from "./address.ts";
import { toKept, toRecord, toReports, toWritten } from "./answers.ts";
import { createExchange, type Send } from "./exchange.ts";

export interface HttpStoreOptions {
  /**
   * The address of `intermission/server`: `https://HOST/PATH`, or with the token, `https://:TOKEN@HOST/PATH`.
   * `http:` only to this machine, unless `unencrypted` allows more.
   */
  readonly url: string;
  /** At least 16 characters. Left out: the one in the URL. */
  readonly token?: string | undefined;
  /**
   * Sends the token over `http:` to other machines too, where everybody on the way can read it: only for your
   * own network. In a URL, `?unencrypted=true`.
   * @default false
   */
  readonly unencrypted?: boolean | undefined;
  /** Replaces the runtime's own, for example with a service binding's. */
  readonly fetch?: Send | undefined;
}

/** Milliseconds in which an operation settles, whatever the server does. */
const readLimit = 1000;
const writeLimit = 3500;

/**
 * Asks a server that has the real store, `intermission/server`, using only `fetch`: for runtimes and networks
 * in which an instance can't connect to a database.
 *
 * @throws IntermissionError `bad-option`
 */
export function httpStore(options: HttpStoreOptions): Store {
  const { ask, close } = createExchange(toAddress(options), toSend(options.fetch));

  return {
    async read(app, knownVersion) {
      const known = knownVersion === undefined ? {} : { known: String(knownVersion) };
      return ask(
        {
          purpose: "could not be read",
          method: "GET",
          resource: "record",
          parameters: { app, ...known },
          within: readLimit,
          maximumBytes: maximumBodyBytes,
        },
        (answer) => toRecord(answer, knownVersion),
      );
    },

    async write(app, value, expectedVersion, currentRelease) {
      const named = currentRelease === undefined ? {} : { currentRelease };
      return ask(
        {
          purpose: "could not be written",
          // Not PUT, which proxies may repeat: the writer would hear that someone else was first.
          method: "POST",
          resource: "record",
          parameters: { app },
          body: { value, expectedVersion, ...named } satisfies WriteBody,
          within: writeLimit,
          maximumBytes: maximumBodyBytes,
        },
        toWritten,
      );
    },

    reports: {
      async put(app, id, value, keepFor) {
        await ask(
          {
            purpose: "could not keep a report",
            method: "PUT",
            resource: "reports",
            parameters: { app, id },
            body: { value, keepFor } satisfies PutBody,
            within: writeLimit,
            maximumBytes: maximumBodyBytes,
          },
          toKept,
        );
      },

      async list(app, within) {
        const isBounded = within !== undefined && Number.isFinite(within);
        const back = isBounded ? { within: String(Math.ceil(within)) } : {};
        return ask(
          {
            purpose: "could not list its reports",
            method: "GET",
            resource: "reports",
            parameters: { app, ...back },
            within: writeLimit,
            maximumBytes: maximumListBytes,
          },
          toReports,
        );
      },
    },

    async close() {
      close();
    },
  } satisfies Store;
}

function toSend(given: Send | undefined): Send {
  if (given === undefined) return (url, init) => globalThis.fetch(url, init);
  if (typeof given === "function") return given;
  throw new IntermissionError("bad-option", {
    problem: "The option fetch of the HTTP store can't be used",
    expected: "a function such as the global fetch",
    got: show(given),
  });
}
