import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findBinary, startDaemon, type Daemon } from "./daemon.ts";
import { findFreePort } from "./free-port.ts";

export const etcdServer = { available: findBinary("etcd") !== undefined, packageName: "etcd-server" };

export interface EtcdServer extends Daemon {
  readonly url: string;
  readonly port: number;
  /** Like `etcdctl`: a path of the JSON gateway, and the body to send. */
  ask(path: string, body: object, token?: string): Promise<Readonly<Record<string, unknown>>>;
}

/** A private server on 127.0.0.1, with a free port and a temporary folder. */
export async function startEtcd(words: readonly string[] = []): Promise<EtcdServer> {
  const [port, peers] = [await findFreePort(), await findFreePort()];
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
