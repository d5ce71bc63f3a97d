import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";

/**
 * Sits between a client and a real database server. If the server ends a new connection at once, the client
 * gets that and the ready message in one piece, as happens when the client is busy.
 */
export interface LateRelay {
  readonly port: number;
  /** How many connections were ready, and were ended. */
  readonly ended: number;
  stop(): Promise<void>;
}

export async function startLateRelay(
  upstreamPort: number,
  server: {
    /** Whether these bytes from the server say that the connection is ready. */
    isReady(chunk: Buffer): boolean;
    /** @param clientPort Identifies the connection to the server. */
    end(clientPort: number): Promise<unknown>;
  },
): Promise<LateRelay> {
  let ended = 0;
  const relay = createServer((client) => {
    const upstream = connect(upstreamPort, "127.0.0.1");
    const held: Buffer[] = [];
    client.on("error", () => upstream.destroy()).on("close", () => upstream.destroy());
    client.on("data", (chunk) => held.length === 0 && upstream.write(chunk));
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.end(Buffer.concat(held)));
    upstream.on("data", (chunk: Buffer) => {
      const isReady = held.length === 0 && server.isReady(chunk);
      if (!isReady && held.length === 0) {
        client.write(chunk);
        return;
      }
      held.push(chunk);
      if (!isReady) return;
      ended++;
      void server.end(upstream.localPort ?? 0);
    });
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  return {
    port: (relay.address() as AddressInfo).port,
    get ended() {
      return ended;
    },
    async stop() {
      const stopped = once(relay, "close");
      relay.close();
      await stopped;
    },
  };
}
