import { connect } from "@nats-io/transport-node";
import type { Cluster } from "./etcd.ts";
import { findBinary, startDaemon, type Daemon } from "./daemon.ts";
import { findFreePort, findFreePorts } from "./free-port.ts";

export const natsServer = { available: findBinary("nats-server") !== undefined, packageName: "nats-server" };

export interface NatsServer extends Daemon {
  readonly url: string;
  readonly port: number;
}

/** A private server with JetStream on 127.0.0.1, with a free port and a temporary folder. */
export async function startNats(words: readonly string[] = ["-js"], freePort?: number): Promise<NatsServer> {
  const port = freePort ?? (await findFreePort());
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

/**
 * Three private servers that know each other.
 *
 * @param bucket Whose leader `haltLeader` kills.
 */
export async function startNatsCluster(bucket: string): Promise<Cluster> {
  const ports = await findFreePorts(6);
  const routes = ports.slice(0, 3);
  const routeUrl = (port: number): string => `nats://127.0.0.1:${String(port)}`;
  const servers = await Promise.all(
    routes.map((port, index) =>
      startNats(
        [
          ...["-js", "--name", `n${String(index)}`, "--cluster_name", "three", "--cluster", routeUrl(port)],
          ...["--routes", routes.map(routeUrl).join(",")],
        ],
        ports[3 + index],
      ),
    ),
  );
  const urls = servers.map(({ port }) => `127.0.0.1:${String(port)}`);
  let halted: NatsServer | undefined;
  return {
    url: `nats://${urls.join(",")}`,
    async haltLeader() {
      const connection = await connect({ servers: urls });
      const answer = await connection.request(`$JS.API.STREAM.INFO.KV_${bucket}`);
      await connection.close();
      const { cluster } = answer.json<{ cluster?: { leader?: string } }>();
      halted = servers[Number(cluster?.leader?.slice(1))];
      if (halted === undefined) throw new Error("no server leads");
      await halted.halt();
    },
    async restart() {
      await halted?.restart();
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
