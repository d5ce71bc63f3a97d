import { findBinary, startDaemon, type Daemon } from "./daemon.ts";
import { findFreePort } from "./free-port.ts";

export const natsServer = { available: findBinary("nats-server") !== undefined, packageName: "nats-server" };

export interface NatsServer extends Daemon {
  readonly url: string;
  readonly port: number;
}

/** A private server with JetStream on 127.0.0.1, with a free port and a temporary folder. */
export async function startNats(words: readonly string[] = ["-js"]): Promise<NatsServer> {
  const port = await findFreePort();
  const all = (folder: string): readonly string[] => [
    ...["--addr", "127.0.0.1", "--port", String(port), "--store_dir", folder],
    ...words,
  ];
  return {
    ...(await startDaemon("nats-server", port, all, (log) => log.includes("Server is ready"))),
    url: `nats://127.0.0.1:${String(port)}`,
    port,
  };
}
