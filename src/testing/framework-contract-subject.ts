import type { Server } from "node:http";
import type { IntermissionOptions } from "../core/settings/options.ts";

/** What to create an app of the contract with. */
export interface FrameworkContractSetup {
  /** For the adapter. Undefined: start the app without Intermission, for comparison. */
  readonly options: IntermissionOptions | undefined;
  /**
   * Whether the framework should trust a proxy on this machine, so that `X-Forwarded-For` names the client.
   */
  readonly trustProxy: boolean;
  /** The body of `/`. Call it for each request. */
  greet(): string;
  /** What to throw. */
  readonly error: Error;
  /** Call it from the app's own error handler, with the handler's error. */
  onError(error: unknown): void;
  /** The body of a server error. */
  readonly secret: string;
  /** The headers of `/sent`. A repeated name must be sent repeatedly. */
  readonly failedHeaders: readonly (readonly [name: string, value: string])[];
  /** The body of `/stream` and `/stream-fails`, piece by piece. */
  chunks(): AsyncIterable<string>;
  /** The body of `/late`: one piece, then a failure. */
  lateChunks(): AsyncIterable<string>;
}

export interface FrameworkContractApp {
  /** Such as `http://127.0.0.1:40123`, without a path. */
  readonly url: string;
  /** The server that listens, if available: an upgrade is then tried on it. */
  readonly server?: Server;
  /** Closes the app the framework's way, with all its connections. */
  close(): Promise<void>;
}

/** An adapter under test, and what it declares about itself. */
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
  /** The option `skip` for the framework's own request: whether it has the header `x-skip`. */
  skip(request: unknown): boolean;
  /**
   * Where the client's address comes from. `proxy`: the framework's rule of trusted proxies. `connection`:
   * the connection. `unknown`: nowhere.
   */
  readonly address: "proxy" | "connection" | "unknown";
  /** Whether `onMasked` learns what the app threw. */
  readonly knowsErrors: boolean;
  /** Whether an intermission that the adapter made ends with the app. */
  readonly closes: boolean;
}

export interface FrameworkContractCase {
  /** A sentence. */
  readonly name: string;
  /** Rejects if the adapter breaks the contract. */
  run(): Promise<void>;
}
