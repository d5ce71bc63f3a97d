import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ResponseHead } from "./response-head.ts";

export interface TunnelEnds {
  /** The visitor's connection. */
  readonly visitor: Socket;
  /** What the visitor would have been answered with: it is not needed any more. */
  readonly response: ServerResponse;
  readonly upstream: Duplex;
  /** What the upstream has sent behind its head already. */
  readonly first: Buffer;
  readonly head: ResponseHead;
  /** Milliseconds of silence, after which it is closed. */
  readonly idleTimeout: number;
}

/** Joins two connections, each end no faster than the other takes it. When one is gone, so is the other. */
export function createTunnel({ visitor, response, upstream, first, head, idleTimeout }: TunnelEnds): void {
  if (first.byteLength > 0) upstream.unshift(first);
  response.detachSocket(visitor);
  const destroy = (): void => {
    visitor.destroy();
    upstream.destroy();
  };
  for (const end of [visitor, upstream]) {
    end.on("error", destroy);
    end.on("close", destroy);
  }
  // What is written counts as much as what is read, so that one end knows of both directions.
  visitor.setTimeout(idleTimeout, destroy);
  const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"];
  for (let index = 0; index + 1 < head.headers.length; index += 2) {
    lines.push(`${head.headers[index] ?? ""}: ${head.headers[index + 1] ?? ""}`);
  }
  visitor.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  visitor.pipe(upstream);
  upstream.pipe(visitor);
}
