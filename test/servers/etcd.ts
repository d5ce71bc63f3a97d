import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findBinary, startDaemon, type Daemon } from "./daemon.ts";
import { findFreePorts } from "./free-port.ts";

export const etcdServer = { available: findBinary("etcd") !== undefined, packageName: "etcd-server" };

export interface EtcdServer extends Daemon {
  readonly url: string;
  readonly port: number;
  /** Like `etcdctl`: a path of the JSON gateway, and the body to send. */
  ask(path: string, body: object, token?: string): Promise<Readonly<Record<string, unknown>>>;
}

/** A private server on 127.0.0.1, with a free port and a temporary folder. */
export async function startEtcd(
  words: readonly string[] = [],
  ports?: readonly [port: number, peers: number],
): Promise<EtcdServer> {
  const [port = 0, peers = 0] = ports ?? (await findFreePorts(2));
  const address = `http://127.0.0.1:${String(port)}`;
  const peer = `http://127.0.0.1:${String(peers)}`;
  const isReady = async (): Promise<boolean> => {
    const health = await fetch(`${address}/health`).then(
      (answer) => answer.text(),
      () => "",
    );
    return health.includes("true");
  };
  const all = (folder: string): readonly string[] => [
    ...["--data-dir", folder, "--listen-client-urls", address, "--advertise-client-urls", address],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
    ...["--initial-cluster", `default=${peer}`, "--logger", "zap", "--log-outputs", "stderr"],
    ...words,
  ];
  return {
    ...(await startDaemon("etcd", port, all, isReady)),
    url: `etcd://127.0.0.1:${String(port)}`,
    port,
    async ask(path, body, token) {
      const answer = await fetch(`${address}/v3/${path}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: token === undefined ? {} : { authorization: token },
      });
      return (await answer.json()) as Readonly<Record<string, unknown>>;
    },
  };
}

export interface Cluster {
  /** Of all its servers. */
  readonly url: string;
  /** Kills the server that leads, by SIGKILL. */
  haltLeader(): Promise<void>;
  /** Starts what was killed again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Three private servers that know each other. */
export async function startEtcdCluster(): Promise<Cluster> {
  const ports = await findFreePorts(6);
  const peers = ports.slice(0, 3);
  const cluster = peers.map((port, index) => `m${String(index)}=http://127.0.0.1:${String(port)}`).join(",");
  const members = await Promise.all(
    peers.map((peer, index) =>
      startEtcd(["--name", `m${String(index)}`, "--initial-cluster", cluster], [ports[3 + index] ?? 0, peer]),
    ),
  );
  let halted: EtcdServer | undefined;
  return {
    url: `etcd://${members.map(({ port }) => `127.0.0.1:${String(port)}`).join(",")}`,
    async haltLeader() {
      for (const member of members) {
        const { leader, header } = (await member.ask("maintenance/status", {})) as {
          readonly leader?: string;
          readonly header: { readonly member_id: string };
        };
        if (leader !== header.member_id) continue;
        halted = member;
        await member.halt();
        return;
      }
      throw new Error("no server leads");
    },
    async restart() {
      await halted?.restart();
    },
    async stop() {
      await Promise.all(members.map((member) => member.stop()));
    },
  };
}

/**
 * Users with passwords, as made by `etcdctl`: `root` may do all, `reader` only read, both with that password.
 */
export async function enableUsers(server: EtcdServer, password: string): Promise<void> {
  const all = { key: Buffer.from("\0").toString("base64"), range_end: Buffer.from("\0").toString("base64") };
  for (const [user, permission] of [
    ["root", "READWRITE"],
    ["shop", "READWRITE"],
    ["reader", "READ"],
  ] as const) {
    await server.ask("auth/role/add", { name: user });
    await server.ask("auth/role/grant", { name: user, perm: { ...all, permType: permission } });
    await server.ask("auth/user/add", { name: user, password });
    await server.ask("auth/user/grant", { user, role: user });
  }
  await server.ask("auth/enable", {});
}

export async function etcdVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)(findBinary("etcd") ?? "etcd", ["--version"]);
  return /etcd Version: (\S+)/.exec(stdout)?.[1] ?? "";
}
