import { enableUsers, etcdServer, etcdVersion, startEtcd, type EtcdServer } from "../servers/etcd.ts";
import { tryFaults } from "./matrix.ts";
import { networkStrikes, signalStrikes, startNetworked, type Networked } from "./network-strikes.ts";
import { corruptedRecord, newerRecord } from "./record-strikes.ts";
import type { Strike } from "./subject.ts";

type Etcd = Networked<EtcdServer>;

const password = "hush-hush";

async function startServer(): Promise<EtcdServer> {
  // A cheap hash: to check a password must not take the time of the machine.
  const server = await startEtcd(["--bcrypt-cost", "4"]);
  await enableUsers(server, password);
  return server;
}

/** As the administrator. */
async function ask({ main }: Etcd, path: string, body: object): Promise<void> {
  const { token } = await main.ask("auth/authenticate", { name: "root", password });
  const answer = await main.ask(path, body, String(token));
  if (typeof answer["error"] === "string") throw new Error(answer["error"]);
}

function requests(
  strike: readonly (readonly [path: string, body: object])[],
  end: readonly (readonly [path: string, body: object])[] = [],
): Strike<Etcd>["begin"] {
  const give = async (server: Etcd, all: typeof strike): Promise<void> => {
    for (const [path, body] of all) await ask(server, path, body);
  };
  return async (server) => {
    await give(server, strike);
    return () => give(server, end);
  };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const all = { key: base64("\0"), range_end: base64("\0") };
tryFaults<Etcd>({
  name: "etcd",
  first: 4,
  few: true,
  ...etcdServer,
  password,
  start: () => startNetworked(startServer),
  versionOf: etcdVersion,
  urlOf: ({ main, proxy }, _, network) =>
    `etcd://shop:${password}@127.0.0.1:${String(network ? proxy.port : main.port)}`,
  strikes: {
    ...networkStrikes,
    ...signalStrikes(/(?:did not answer|no answer|timeout|aborted).*Check that .*running/i),
    refused: {
      how: "the user's password is changed, which ends its tokens",
      says: /authentication failed.*Check the user and the password/,
      begin: requests(
        [["auth/user/changepw", { name: "shop", password: "another" }]],
        [["auth/user/changepw", { name: "shop", password }]],
      ),
    },
    crowded: "etcd limits neither connections nor users. See *stopped*.",
    rowLocked: "etcd locks no keys: a write is compared and set in one step.",
    tableLocked: "etcd has no tables, and locks nothing.",
    readOnly: {
      how: "the user's role may only read",
      says: /permission denied.*Grant the user's role/,
      begin: requests(
        [
          ["auth/role/revoke", { role: "shop", ...all }],
          ["auth/role/grant", { name: "shop", perm: { ...all, permType: "READ" } }],
        ],
        [
          ["auth/role/revoke", { role: "shop", ...all }],
          ["auth/role/grant", { name: "shop", perm: { ...all, permType: "READWRITE" } }],
        ],
      ),
    },
    full: {
      how: "the alarm `NOSPACE`, which etcd raises at its quota",
      says: /space exceeded.*disarm its alarm/,
      begin: requests(
        [["maintenance/alarm", { action: "ACTIVATE", alarm: "NOSPACE" }]],
        [["maintenance/alarm", { action: "DEACTIVATE", alarm: "NOSPACE" }]],
      ),
    },
    tableMissing: {
      how: "the key is deleted",
      begin: (server, place) =>
        requests([["kv/deleterange", { key: base64(`intermission/record/${place.app}`) }]])(server, place),
    },
    newer: newerRecord,
    corrupted: corruptedRecord,
  },
});
