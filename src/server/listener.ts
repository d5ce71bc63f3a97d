import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { isIP, type AddressInfo } from "node:net";
import { IntermissionError, reasonOf } from "../core/errors.ts";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface Listener {
  /** Such as `http://127.0.0.1:9200`. */
  readonly url: string;
  /** Accepts no more connections, and waits for answers in flight, at most so many milliseconds. */
  close(within: number): Promise<void>;
}

/**
 * Milliseconds. Longer than proxies keep an idle connection (nginx 60 s, HAProxy less), so that they close
 * first.
 */
const keepAlive = 75_000;
/** Milliseconds in which a request's header, and the whole request, must arrive. */
const headersWithin = 5000;
const requestWithin = 10_000;
const maximumConnections = 4096;
/** A proxy may send a visitor's headers and those of a failed answer. Bytes. */
const maximumHeader = 65_536;

/** @throws IntermissionError `listen-failed` */
export async function openListener(
  answer: RequestListener,
  { host, port }: ListenAddress,
): Promise<Listener> {
  let closing = false;
  const server = createServer(
    {
      keepAliveTimeout: keepAlive,
      headersTimeout: headersWithin,
      requestTimeout: requestWithin,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: maximumHeader,
    },
    (request, response) => {
      if (closing) response.setHeader("connection", "close");
      answer(request, response);
    },
  );
  server.maxConnections = maximumConnections;
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (error) {
    throw new IntermissionError("listen-failed", {
      problem: `Nothing can listen on ${toAuthority(host, port)}`,
      got: reasonOf(error),
      remedy: "Name another address, or stop what listens there.",
      cause: error,
    });
  }
  server.on("error", () => {
    // Out of file descriptors: one connection is lost, but the next may succeed.
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${toAuthority(address.address, address.port)}`,
    async close(within) {
      closing = true;
      const closed = once(server, "close");
      server.close();
      const timer = setTimeout(() => {
        server.closeAllConnections();
      }, within);
      await closed;
      clearTimeout(timer);
    },
  };
}

function toAuthority(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
}
