import { randomUUID } from "node:crypto";
import { createServer, ServerResponse, type IncomingMessage, type Server } from "node:http";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AddressRange } from "../../core/exemption.ts";
import { gate } from "../../http/node/gate.ts";
import { pathOf } from "../../http/headers.ts";
import type { AccessLog } from "./access-log.ts";
import type { Context, SharedContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import { sendFailure, type FailureKind } from "./failure.ts";
import { toClient } from "./forwarded.ts";
import { hasBody, hasOtherCoding, toTarget, toUpstreamHeaders } from "./request-head.ts";
import type { Certificate } from "./settings.ts";
import { createTurns } from "./turns.ts";
import { createRecord, toPageRequest, type ExchangeRecord, type Visitor } from "./visitor.ts";

export interface ListenerOptions {
  readonly trusted: readonly AddressRange[];
  readonly maximumConnections: number;
  /** Milliseconds. */
  readonly headerTimeout: number;
  /** HTTPS with HTTP/2. Undefined: HTTP/1.1 without TLS. */
  readonly certificate: Certificate | undefined;
  readonly accessLog: AccessLog | undefined;
  /** How to handle requests for this host. Undefined: not one of ours. */
  readonly contextOf: (host: string | undefined) => Context | undefined;
}

/** What visitors connect to. */
export interface Listener {
  readonly server: Server | Http2SecureServer;
  /** Requests not yet answered. */
  readonly active: number;
  /** From the next connection on. @throws Error of OpenSSL; then nothing changes. */
  renew(certificate: Certificate): void;
  /** Resolves when the last request is answered. From now on, connections close after their answer. */
  drained(): Promise<void>;
  /** Ends the rest, including tunnels. */
  destroy(): void;
}

const maximumHeaderSize = 16_384;
/** How often to check whether a request's header takes too long. Milliseconds. */
const checkEvery = 1000;
/** Longer than the 60 s for which most load balancers keep a connection, so that we never close first. */
const keepAlive = 65_000;
/** How long to wait at the end for the first request of a new connection. Milliseconds. */
const firstRequestWithin = 500;
/** Requests waiting for their turn, over all connections. */
const maximumWaiting = 20_000;
/** For each HTTP/2 connection. */
const maximumStreams = 100;

export function createListener(base: SharedContext, options: ListenerOptions): Listener {
  const { intermission, counts, clock } = base;
  const sockets = new Set<Duplex>();
  const sessions = new Set<ServerHttp2Session>();
  /** HTTP/1 connections without a request so far. */
  const silent = new Set<object>();
  const turns = createTurns(maximumWaiting);
  let active = 0;
  let draining = false;
  let whenDrained = (): void => {};
  let whenAllSpoke = (): void => {};
  const server = createVisitorServer(options, base.silence);
  server.maxConnections = options.maximumConnections;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on(options.certificate === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    // HTTP/2 itself tells clients which requests to send again.
    if ("alpnProtocol" in socket && socket.alpnProtocol === "h2") return;
    silent.add(socket);
    socket.once("close", () => {
      spoke(socket);
    });
  });
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    // A visitor broke the protocol: only the session ends.
    session.on("error", () => {});
  });
  server.on("request", accept);
  // Otherwise Node would ask for the body before anybody knows whether it is needed.
  server.on("checkContinue", accept);
  server.on("upgrade", upgrade);
  // A failed handshake concerns one visitor.
  server.on("tlsClientError", () => {});

  function spoke(socket: object): void {
    if (silent.delete(socket) && silent.size === 0) whenAllSpoke();
  }

  function accept(request: IncomingMessage, response: ServerResponse): void {
    spoke(request.socket);
    if (request.httpVersionMajor >= 2) {
      handle(request, response, undefined);
      return;
    }
    turns.enter(request, response, () => {
      handle(request, response, undefined);
    });
  }

  /** Node leaves the connection to us. A request that is not upgraded is given back. */
  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    spoke(socket);
    // It arrived before the answer to the previous request, which Node can't finish any more.
    if (!(socket instanceof Socket) || turns.isBusy(socket)) {
      socket.destroy();
      return;
    }
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      // Other protocols, such as h2c, would bypass us: RFC 9110 section 7.8 allows ignoring them.
      socket.unshift(Buffer.concat([withoutUpgrade(request), head]));
      server.emit(options.certificate === undefined ? "connection" : "secureConnection", socket);
      return;
    }
    socket.on("error", () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on("finish", () => {
      if (socket.writable) socket.destroySoon();
    });
    if (head.byteLength > 0) socket.unshift(head);
    // Its body is still unparsed in the connection: in a tunnel it could pass for anything.
    if (hasBody(request) || request.method !== "GET") {
      refuse(request, response, begin(request, response).record, "invalid");
    } else {
      handle(request, response, socket);
    }
  }

  function handle(request: IncomingMessage, response: ServerResponse, upgraded: Socket | undefined): void {
    const { answered, record } = begin(request, response);
    const target = toTarget(request);
    const context = target && options.contextOf(target.host);
    if (target === undefined || context === undefined) {
      refuse(request, response, record, target === undefined ? "invalid" : "misdirected");
      return;
    }
    if (hasOtherCoding(request)) {
      refuse(request, response, record, "coding");
      return;
    }
    // A client that continues without its unsent body looks the same as one about to send it.
    if (request.headers.expect !== undefined) response.shouldKeepAlive = false;
    const { remoteAddress } = request.socket;
    const protocol = "encrypted" in request.socket ? "https" : "http";
    const client = toClient(request.headers, target.host, remoteAddress, protocol, options.trusted);
    const visitor: Visitor = {
      request,
      response,
      target,
      address: client.address,
      headers: toUpstreamHeaders(request, target.host, client, record.id),
      hasBody: hasBody(request),
      record,
      upgrade: upgraded && { socket: upgraded, opened: answered },
    };
    if (!intermission.gated) {
      exchange(visitor, context);
      return;
    }
    // As in Express: tells the gate the visitor's address from the proxy's.
    Object.assign(request, { ip: client.address });
    gate(request, response, intermission, () => {
      exchange(visitor, context);
    });
  }

  /** Call `answered` if the request is answered by something other than its response. */
  function begin(
    request: IncomingMessage,
    response: ServerResponse,
  ): { readonly record: ExchangeRecord; readonly answered: () => void } {
    active += 1;
    counts.requests += 1;
    if (draining) response.shouldKeepAlive = false;
    const record = createRecord(request, randomUUID);
    const startedAt = clock.now();
    const answered = (): void => {
      response.off("close", answered);
      active -= 1;
      if (active === 0) whenDrained();
      const duration = clock.now() - startedAt;
      counts.observe(response.statusCode, duration);
      options.accessLog?.write({
        time: new Date(clock.now()).toISOString(),
        // As in nginx: the visitor left before anything was sent.
        status: record.isUpgraded ? 101 : response.headersSent ? response.statusCode : 499,
        ...(record.masked === undefined
          ? {}
          : { originalStatus: record.masked.status, reason: record.masked.reason }),
        ...(record.healed ? { healed: true } : {}),
        method: request.method ?? "",
        path: pathOf(request.url),
        bytes: record.bytes,
        duration: Math.round(duration * 10) / 10,
        upstream: record.upstream?.origin ?? null,
        release: record.upstream?.release.id ?? null,
        requestId: record.id,
      });
    };
    response.on("close", answered);
    return { record, answered };
  }

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    record: ExchangeRecord,
    kind: FailureKind,
  ): void {
    counts.failures[kind] += 1;
    response.shouldKeepAlive = false;
    const target = { path: "/", host: undefined };
    const nobody = {
      request,
      response,
      target,
      address: undefined,
      headers: [],
      hasBody: false,
      record,
      upgrade: undefined,
    };
    sendFailure(nobody, kind, toPageRequest(nobody, undefined));
  }

  return {
    server,
    get active() {
      return active;
    },
    renew(certificate) {
      if ("setSecureContext" in server) server.setSecureContext(certificate);
    },
    async drained() {
      draining = true;
      server.close();
      for (const session of sessions) session.close();
      if (silent.size > 0) {
        const cancel = clock.after(firstRequestWithin, () => {
          whenAllSpoke();
        });
        await new Promise<void>((resolve) => (whenAllSpoke = resolve));
        cancel();
      }
      if (active > 0) await new Promise<void>((resolve) => (whenDrained = resolve));
    },
    destroy() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The same request without its upgrade: RFC 9110 section 7.8. */
function withoutUpgrade({ method = "", url = "", rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const value = rawHeaders[index + 1] ?? "";
    const lower = name.toLowerCase();
    if (lower === "upgrade" || lower === "http2-settings") continue;
    lines.push(`${name}: ${lower === "connection" ? value.replace(/\bupgrade\b/gi, "x-upgrade") : value}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function createVisitorServer(
  { certificate, headerTimeout }: ListenerOptions,
  silence: number,
): Server | Http2SecureServer {
  const limits = {
    headersTimeout: headerTimeout,
    // A large body takes its time; a stalled one ends by the silence limit.
    requestTimeout: 0,
    keepAliveTimeout: keepAlive,
    connectionsCheckingInterval: checkEvery,
  };
  // Override Node's command-line flag: a lenient parser lets one request hide inside another.
  const options = { ...limits, maxHeaderSize: maximumHeaderSize, insecureHTTPParser: false };
  if (certificate === undefined) return Object.assign(createServer(options), { timeout: silence });
  const server = createSecureServer({
    ...options,
    ...certificate,
    allowHTTP1: true,
    handshakeTimeout: headerTimeout,
    settings: { maxConcurrentStreams: maximumStreams, maxHeaderListSize: maximumHeaderSize },
  });
  // Node 20 takes these in no other way.
  return Object.assign(server, { ...limits, timeout: silence });
}
