import { createServer, ServerResponse, type IncomingMessage, type Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AddressRange } from "../../core/address-range.ts";
import { gate } from "../../http/node/gate.ts";
import type { Context } from "./context.ts";
import { exchange } from "./exchange.ts";
import { sendFailure } from "./failure.ts";
import { toClient } from "./forwarded.ts";
import { hasBody, toTarget, toUpstreamHeaders } from "./request-head.ts";
import { toVisit, type Visitor } from "./visitor.ts";

export interface ListenerOptions {
  readonly trusted: readonly AddressRange[];
  readonly maximumConnections: number;
  /** Milliseconds in which nothing is sent or received, after which a visitor's connection is closed. */
  readonly silence: number;
}

/** What visitors connect to. */
export interface Listener {
  readonly server: Server;
  /** Requests that are not answered yet. */
  readonly active: number;
  /** Resolves when the last is answered. No connection lives on after its answer from now on. */
  drained(): Promise<void>;
  /** Ends what is left, tunnels too. */
  destroy(): void;
}

const maximumHeaderSize = 16_384;
/** Milliseconds. */
const headerTimeout = 30_000;
/** Longer than the 60 s for which most load balancers keep a connection, so that it is never ours that closes it first. */
const keepAlive = 65_000;

export function createListener(context: Context, options: ListenerOptions): Listener {
  const { intermission, counts } = context;
  const sockets = new Set<Socket>();
  let active = 0;
  let draining = false;
  let whenDrained = (): void => {};

  const server = createServer({
    maxHeaderSize: maximumHeaderSize,
    headersTimeout: headerTimeout,
    // A large body takes its time; a stalled one is ended by the silence.
    requestTimeout: 0,
    keepAliveTimeout: keepAlive,
    // Whatever Node was started with: a parser that forgives lets one request hide in another.
    insecureHTTPParser: false,
  });
  server.maxConnections = options.maximumConnections;
  server.timeout = options.silence;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (request, response) => {
    handle(request, response, undefined);
  });
  // Without this, Node would ask for the body before anybody knows whether it is wanted.
  server.on("checkContinue", (request, response) => {
    handle(request, response, undefined);
  });
  server.on("upgrade", upgrade);

  /** Node leaves the connection to us: a request that stays one, or is refused, needs an answer of its own. */
  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Always one, as this is no server on another stream.
    if (!(socket instanceof Socket)) return;
    socket.on("error", () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on("finish", () => {
      if (socket.writable) socket.destroySoon();
    });
    if (head.byteLength > 0) socket.unshift(head);
    const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
    // Its body is still in the connection, unparsed: in a tunnel it would be whatever somebody takes it for.
    if (hasBody(request) || (isWebSocket && request.method !== "GET")) refuse(request, response);
    // Other protocols, such as h2c, would go past all that is decided here: RFC 9110 section 7.8 allows to ignore them.
    else handle(request, response, isWebSocket ? socket : undefined);
  }

  function handle(request: IncomingMessage, response: ServerResponse, upgraded: Socket | undefined): void {
    const answered = begin(response);
    const target = toTarget(request);
    if (target === undefined) {
      refuse(request, response);
      return;
    }
    // Who may go on without a body that was not sent can't be told from who is about to send it.
    if (request.headers.expect !== undefined) response.shouldKeepAlive = false;
    const { remoteAddress } = request.socket;
    const client = toClient(request.headers, target.host, remoteAddress, options.trusted);
    const visitor: Visitor = {
      request,
      response,
      target,
      address: client.address,
      headers: toUpstreamHeaders(request, target.host, client.headers),
      upgrade: upgraded && { socket: upgraded, opened: answered },
    };
    if (!intermission.gated) {
      exchange(visitor, context);
      return;
    }
    // As Express has it: by this the gate knows the visitor from the proxy in front.
    Object.assign(request, { ip: client.address });
    gate(request, response, intermission, () => {
      exchange(visitor, context);
    });
  }

  /** @returns what is to be called when it is answered in another way than by its response. */
  function begin(response: ServerResponse): () => void {
    active += 1;
    counts.requests += 1;
    if (draining) response.shouldKeepAlive = false;
    const answered = (): void => {
      response.off("close", answered);
      active -= 1;
      if (active === 0) whenDrained();
    };
    response.on("close", answered);
    return answered;
  }

  function refuse(request: IncomingMessage, response: ServerResponse): void {
    counts.failures.invalid += 1;
    response.shouldKeepAlive = false;
    const target = { path: "/", host: undefined };
    const nobody = { request, response, target, address: undefined, headers: [], upgrade: undefined };
    sendFailure(request, response, "invalid", toVisit(nobody, undefined));
  }

  return {
    server,
    get active() {
      return active;
    },
    async drained() {
      draining = true;
      server.close();
      if (active > 0) await new Promise<void>((resolve) => (whenDrained = resolve));
    },
    destroy() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
