import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { writeJoined } from "./joined-write.ts";
import { toFailure, type FailureKind } from "./failure.ts";
import { noteKeepAlive, type Upstream } from "./upstreams.ts";

/** A request to an upstream. */
export interface CallOptions {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Write its body with {@link Call.write} and {@link Call.end}. False: it has none. */
  readonly hasBody: boolean;
  /**
   * Milliseconds until the connection is established, until the answer begins, and between two pieces of it.
   */
  readonly connectTimeout: number;
  readonly timeout: number;
  readonly idleTimeout: number;
}

export interface CallHandlers {
  /** The connection is established: from now on, the upstream may have seen part of the request. */
  sent(): void;
  /** There is room for more of the body. */
  writable(): void;
  /** An interim response (1xx). */
  informed(status: number, raw: readonly string[]): void;
  answered(answer: IncomingMessage): void;
  upgraded(answer: IncomingMessage, socket: Socket, head: Buffer): void;
  /**
   * Called at most once, before or after {@link answered}. A body of unknown length does not end normally: it
   * is cut off.
   */
  failed(kind: FailureKind): void;
}

/** One request to one upstream. */
export interface Call {
  /** False: wait for {@link CallHandlers.writable}. */
  write(piece: Buffer): boolean;
  /** @param piece The whole body, if it is short and nothing was written. */
  end(piece?: Buffer): void;
  /** The visitor is not reading, so the upstream's silence is not its fault. */
  pause(answer: IncomingMessage): void;
  resume(answer: IncomingMessage): void;
  /** Ends it silently: no handler is called after this. */
  abort(): void;
}

const maximumHeaderSize = 65_536;

const timedOut = (): Error => Object.assign(new Error("No answer came in time"), { code: "ETIMEDOUT" });

export function call(upstream: Upstream, options: CallOptions, handlers: CallHandlers): Call | undefined {
  let sent = false;
  let hasWritten = false;
  let settled = false;
  let socket: Socket | undefined;
  let silence = options.timeout;
  const request = open(upstream, options);
  // Node refuses to write this target or header.
  if (request === undefined) return undefined;

  function fail(error: Error): void {
    if (settled) return;
    settled = true;
    request?.destroy();
    handlers.failed(toFailure(error, sent));
  }

  function begin(): void {
    sent = true;
    if (settled) return;
    handlers.sent();
    // Until the body is complete, the silence may be the visitor's.
    watch(request?.writableEnded === true ? silence : 0);
    // The head alone, if the body is still on its way.
    if (options.hasBody && !hasWritten) request?.flushHeaders();
  }

  function watch(milliseconds: number): void {
    // Each call makes a new timer.
    if (!settled && socket?.timeout !== milliseconds) socket?.setTimeout(milliseconds);
  }

  request.on("socket", (given) => {
    socket = given;
    watchConnection(given, upstream);
    if (!given.connecting) {
      begin();
      return;
    }
    given.setTimeout(options.connectTimeout);
    given.once(upstream.protocol === "https:" ? "secureConnect" : "connect", begin);
  });
  request.on("information", ({ statusCode, rawHeaders }) => {
    if (!settled) handlers.informed(statusCode, rawHeaders);
  });
  request.on("response", (answer) => {
    if (settled) {
      answer.resume();
      return;
    }
    const { coding, keepAlive } = connectionHeaders(answer.rawHeaders);
    // Removing a coding that nobody asked for would change the body's meaning: RFC 9112 section 6.1.
    if (coding !== undefined && !/^(?:chunked|identity)$/i.test(coding.trim())) {
      fail(new Error("The answer has a transfer coding that nobody asked for"));
      return;
    }
    if (keepAlive !== undefined) noteKeepAlive(answer.socket, keepAlive);
    silence = options.idleTimeout;
    watch(silence);
    answer.on("error", fail);
    answer.on("end", () => {
      if (wasReset.has(answer.socket)) fail(new Error("The connection was reset"));
      settled = true;
      // Refused early: the rest of the body is not needed.
      if (!request.writableEnded) request.destroy();
    });
    handlers.answered(answer);
  });
  request.on("upgrade", (answer, upgraded, head) => {
    if (settled) {
      upgraded.destroy();
      return;
    }
    settled = true;
    upgraded.setTimeout(0);
    handlers.upgraded(answer, upgraded, head);
  });
  request.on("error", fail);
  if (options.hasBody) {
    request.on("drain", () => {
      watch(0);
      if (!settled) handlers.writable();
    });
  } else {
    request.end();
  }

  return {
    write(piece) {
      hasWritten = true;
      const hasRoom = request.write(piece);
      if (!hasRoom) watch(silence);
      return hasRoom;
    },
    end(piece) {
      if (request.writableEnded) return;
      hasWritten = true;
      if (piece !== undefined) writeJoined(request, piece);
      request.end();
      watch(silence);
    },
    pause(answer) {
      answer.pause();
      watch(0);
    },
    resume(answer) {
      answer.resume();
      watch(silence);
    },
    abort() {
      settled = true;
      request.destroy();
    },
  };
}

function open(upstream: Upstream, { method, path, headers }: CallOptions): ClientRequest | undefined {
  const { connection } = upstream;
  const options = {
    // Not by a spread: it would slow down what Node does with the options.
    host: connection.host,
    port: connection.port,
    socketPath: connection.socketPath,
    agent: upstream.agent,
    method,
    path,
    headers: headers as string[],
    maxHeaderSize: maximumHeaderSize,
    // Override Node's command-line flag.
    insecureHTTPParser: false,
  };
  try {
    return upstream.protocol === "https:" ? httpsRequest(options) : httpRequest(options);
  } catch {
    return undefined;
  }
}

/** What an answer says about its connection. */
function connectionHeaders(raw: readonly string[]): {
  readonly coding?: string;
  readonly keepAlive?: string;
} {
  const found: { coding?: string; keepAlive?: string } = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? "";
    const value = raw[index + 1] ?? "";
    if (name.length === 10 && name.toLowerCase() === "keep-alive") found.keepAlive = value;
    if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      found.coding = found.coding === undefined ? value : `${found.coding}, ${value}`;
    }
  }
  return found;
}

const watched = new WeakSet<Socket>();
const wasReset = new WeakSet<Socket>();

/** One listener of each kind per connection, not per request. */
function watchConnection(socket: Socket, { connection }: Upstream): void {
  if (watched.has(socket)) return;
  watched.add(socket);
  socket.on("timeout", () => socket.destroy(timedOut()));
  if (connection.socketPath !== undefined) return;
  // If the last bytes and a reset arrive together, libuv reports an orderly end. After a reset a connection
  // has no peer: getpeername(2).
  socket.prependListener("end", () => {
    if (socket.remoteAddress === undefined) wasReset.add(socket);
  });
}
