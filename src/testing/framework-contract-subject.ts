import type { Server } from "node:http";
import type { IntermissionOptions } from "../core/settings/options.ts";

/** What an app of the contract is made with. */
export interface FrameworkContractSetup {
  /** For the adapter. Undefined: the app is to be started without Intermission, as something to compare with. */
  readonly options: IntermissionOptions | undefined;
  /** Whether the framework is to trust a proxy on this machine, so that `X-Forwarded-For` names the client. */
  readonly trustProxy: boolean;
  /** The body of `/`. To be asked anew for each request. */
  greet(): string;
  /** What is thrown. */
  readonly error: Error;
  /** To be called by the app's own error handler with what it was given. */
  onError(error: unknown): void;
  /** The body of a server error that is sent. */
  readonly secret: string;
  /** The headers of `/sent`. A name may stand twice, and is then to be sent twice. */
  readonly failedHeaders: readonly (readonly [name: string, value: string])[];
  /** The body of `/stream` and `/stream-fails`, which comes piece by piece. */
  chunks(): AsyncIterable<string>;
  /** The body of `/late`: a piece, and then a failure. */
  lateChunks(): AsyncIterable<string>;
}

export interface FrameworkContractApp {
  /** Such as `http://127.0.0.1:40123`, without a path. */
  readonly url: string;
  /** What it listens with, where that can be had: an upgrade is then tried beside the app. */
  readonly server?: Server;
  /** Closes the app as the framework closes it, with all its connections. */
  close(): Promise<void>;
}

/** An adapter that is held to the contract, and what it declares of itself. */
export interface FrameworkContractSubject {
  /**
   * Starts this app on a free port of this machine, in the framework's own manner:
   *
   * | request | answer |
   * | --- | --- |
   * | `GET /` | `greet()` as `text/plain`, with the header `x-request-id: r1` |
   * | `GET /json` | `{"hello":"world"}` |
   * | `GET /empty` | 204 |
   * | `GET /old` | 302 to `/` |
   * | `GET /refused` | 422, `No` |
   * | `GET /busy` | 503, `Busy`, with the header `retry-after: 7` |
   * | `POST /echo` | the body of the request, as text |
   * | `GET /stream` | 200, `chunks()`, each when it comes |
   * | `GET /late` | 200, `lateChunks()`, each when it comes |
   * | `GET /throws`, `POST /throws` | throws `error` at once |
   * | `GET /rejects` | throws `error` after a turn of the event loop |
   * | `GET /mounted/throws` | throws `error`, in a router or app that is mounted at `/mounted` |
   * | `GET /sent`, `HEAD /sent` | 500, `secret`, with `failedHeaders` |
   * | `GET /sent-json` | 500, `{"error":secret}` |
   * | `GET /stream-fails` | 500, `chunks()` |
   *
   * Its own error handler calls `onError` and answers 500, `Oh no`.
   */
  start(setup: FrameworkContractSetup): Promise<FrameworkContractApp>;
  /** The option `skip`, by the framework's own request: whether it has the header `x-skip`. */
  skip(request: unknown): boolean;
  /**
   * Whose address the client's is: `proxy`: as the framework has it, by its rule of which proxies are trusted.
   * `connection`: that of the connection. `unknown`: nobody's.
   */
  readonly address: "proxy" | "connection" | "unknown";
  /** Whether `onMasked` is told what the app threw. */
  readonly knowsErrors: boolean;
  /** Whether an intermission that the adapter made ends with the app. */
  readonly closes: boolean;
}

export interface FrameworkContractCase {
  /** A sentence. */
  readonly name: string;
  /** Rejects when the adapter does not keep the contract. */
  run(): Promise<void>;
}
