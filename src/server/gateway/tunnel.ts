import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ResponseHead } from "./response-head.ts";

export interface TunnelEnds {
  /** The visitor's connection. */
  readonly visitor: Socket;
  /** What would have answered the visitor; no longer needed. */
  readonly response: ServerResponse;
  readonly upstream: Duplex;
  /** What the upstream has already sent after its head. */
  readonly first: Buffer;
  readonly head: ResponseHead;
  /** Milliseconds of silence after which it is closed. */
  readonly idleTimeout: number;
}

/** Connects two sockets, each only as fast as the other reads. When one closes, so does the other. */
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
  // Writes count as activity like reads, so a timeout on one end covers both directions.
  visitor.setTimeout(idleTimeout, destroy);
  const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"];
  for (let index = 0; index + 1 < head.headers.length; index += 2) {
    lines.push(`${head.headers[index] ?? ""}: ${head.headers[index + 1] ?? ""}`);
  }
  visitor.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  visitor.pipe(upstream);
  upstream.pipe(visitor);
}
