import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What the network does to a server's answers. */
export type NetworkFault = "none" | "silence" | "delay" | "reset" | "garbage";

/** Sits between a client and a real server, and breaks the server's answers. */
export interface FaultProxy {
  readonly port: number;
  /**
   * From now on, on old and new connections. `silence`: accepts, and never answers. `reset`: cuts each
   * connection in the middle of its next answer. `garbage`: answers nonsense. A connection that fell silent
   * stays so, like one whose other end is gone.
   */
  set(fault: NetworkFault): void;
  /** Leads to another server from now on; ends connections to the old one. */
  lead(port: number): void;
  stop(): Promise<void>;
}

/** For `delay`: how much later each answer comes. Milliseconds. */
export const answerDelay = 5000;

/** A web server's answer to another protocol's client, and bytes that start no protocol. */
const nonsense: readonly Buffer[] = [
  Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
  Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 151 + 77) % 256)),
];

export async function startFaultProxy(upstream: number): Promise<FaultProxy> {
  let target = upstream;
  let fault: NetworkFault = "none";
  let connections = 0;
  const open = new Set<{ readonly client: Socket; readonly server: Socket; silent: boolean }>();

  const proxy = createServer((client) => {
    const server = connect(target, "127.0.0.1");
    const connection = { client, server, silent: fault === "silence" };
    const babble = nonsense[connections++ % nonsense.length] as Buffer;
    open.add(connection);

    let due = 0;
    const answer = (chunk: Buffer): void => {
      switch (fault) {
        case "reset":
          client.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => client.resetAndDestroy());
          server.destroy();
          break;
        case "garbage":
          client.write(babble);
          break;
        default: {
          const now = performance.now();
          due = Math.max(due, fault === "delay" ? now + answerDelay : 0);
          if (due <= now) client.write(chunk);
          else setTimeout(() => client.writable && client.write(chunk), due - now).unref();
        }
      }
    };

    client.on("data", (chunk) => {
      if (!connection.silent) server.write(chunk);
    });
    server.on("data", (chunk) => {
      if (!connection.silent) answer(chunk);
    });
    for (const [side, other] of [
      [client, server],
      [server, client],
    ] as const) {
      side.on("error", () => {});
      side.on("close", () => {
        if (connection.silent && side === server) return;
        open.delete(connection);
        other.destroy();
      });
    }
  });

  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");

  function cut(): void {
    for (const { client, server } of open) {
      client.destroy();
      server.destroy();
    }
  }

  return {
    port: (proxy.address() as AddressInfo).port,
    set(next) {
      fault = next;
      if (fault === "silence") for (const connection of open) connection.silent = true;
    },
    lead(port) {
      target = port;
      cut();
    },
    async stop() {
      const stopped = once(proxy, "close");
      proxy.close();
      cut();
      await stopped;
    },
  };
}
